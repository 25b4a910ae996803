package audience

import "math/bits"

// readership is the readers of one topic. It believes no network more than is likely, so that one client cannot make up
// readers: neither by many names, nor by large numbers, nor by taking the room of services that tell the truth.
type readership struct {
	clients  map[uint64]struct{} // hashes of those that read for one; of many, only those that end in level zeros
	networks map[uint64]int      // how many of these came from each network, by its hash
	level    int
	services map[uint64]*service // by a hash of their names and of the feed's address
}

// service is one that reads for many.
type service struct {
	readers map[uint64]int // what was said last, by the network that said so
	reports map[uint64]int // how often
}

const (
	// mostClients bounds the hashes kept for a topic. Where there are more, half of them are dropped and each of the rest
	// stands for two, and so on: the number is then right to within some 4 %.
	mostClients = 1024

	// mostOfNetwork bounds the readers with programs of their own that are counted in one network.
	mostOfNetwork = 64

	// mostServices bounds the services that are known to report on a topic, servicesOfNetwork those of one network, and
	// networksOfService the networks from which one reports.
	mostServices      = 128
	servicesOfNetwork = 32
	networksOfService = 8

	// All services of one network are believed to have certainReaders at most, and readersForClient more for each reader of
	// the topic that reads for one.
	certainReaders   = 1000
	readersForClient = 100
)

func newReadership() *readership {
	return &readership{clients: map[uint64]struct{}{}, networks: map[uint64]int{}, services: map[uint64]*service{}}
}

func (r *readership) number() int {
	n := len(r.clients) << r.level
	likely := certainReaders + readersForClient*n
	said := map[uint64]int{} // by network
	for _, s := range r.services {
		network := s.network()
		said[network] = min(said[network]+s.readers[network], likely)
	}
	for _, readers := range said {
		n += readers
	}
	return n
}

// add counts a client that came from a network.
func (r *readership) add(client, network uint64) {
	if bits.TrailingZeros64(client) < r.level {
		return
	}
	if _, known := r.clients[client]; known || r.networks[network] >= max(1, mostOfNetwork>>r.level) {
		return
	}
	r.clients[client] = struct{}{}
	r.networks[network]++
	if len(r.clients) <= mostClients {
		return
	}
	for len(r.clients) > mostClients {
		r.level++
		for client := range r.clients {
			if bits.TrailingZeros64(client) < r.level {
				delete(r.clients, client)
			}
		}
	}
	for network, n := range r.networks { // roughly, for the hashes do not say whose they are
		if n /= 2; n > 0 {
			r.networks[network] = n
		} else {
			delete(r.networks, network)
		}
	}
}

// report has a service say from a network for how many it reads.
func (r *readership) report(name, network uint64, n int) {
	s := r.services[name]
	if s == nil {
		if !r.makeRoom(network) {
			return
		}
		s = &service{readers: map[uint64]int{}, reports: map[uint64]int{}}
		r.services[name] = s
	}
	if _, known := s.readers[network]; known || len(s.readers) < networksOfService {
		s.readers[network] = n
		s.reports[network]++
	}
}

// network is the one from which the service has reported most often: what others say in its name does not count.
func (s *service) network() (network uint64) {
	most := 0
	for from, n := range s.reports {
		if n > most || n == most && s.readers[from] < s.readers[network] {
			network, most = from, n
		}
	}
	return network
}

// makeRoom says whether there is room for another service of a network. A service that has reported once only is unproven, and
// makes room for another.
func (r *readership) makeRoom(network uint64) bool {
	own, unproven := 0, uint64(0)
	for name, s := range r.services {
		if s.network() == network {
			own++
		}
		if len(s.reports) == 1 && s.reports[s.network()] == 1 {
			unproven = name
		}
	}
	switch {
	case own >= servicesOfNetwork:
		return false
	case len(r.services) < mostServices:
		return true
	case unproven == 0:
		return false
	}
	delete(r.services, unproven)
	return true
}
