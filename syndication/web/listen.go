package web

import (
	"log/slog"
	"net/http"
	"time"
)

// NewHTTPServer returns a server for a listener of ours, the public and the admin one, with every timeout set: a client
// that reads or writes a byte at a time, or nothing at all, is let go. Starting it and shutting it down are the
// caller's. What net/http has to say of single connections goes to the log at Debug.
func NewHTTPServer(addr string, handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
