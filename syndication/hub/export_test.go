package hub

import "net/http"

// CloseIdle has the next request to each callback dial again.
func (h *Hub) CloseIdle() { h.callers.close() }

// Idle says whether nothing waits for its verification or is at work.
func (h *Hub) Idle() bool {
	h.intents.mu.Lock()
	defer h.intents.mu.Unlock()
	for _, g := range h.intents.groups {
		if g.left > 0 {
			return false
		}
	}
	return true
}

// Through has requests to callbacks carried by something else than the network.
func (h *Hub) Through(t http.RoundTripper) { h.callers.client.Transport = t }
