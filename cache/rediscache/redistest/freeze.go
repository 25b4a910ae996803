//go:build unix

package redistest

import "syscall"

// Freeze stops the server in the midst of whatever it does: connections stay open, and nobody gets an answer, until Kill or
// Restart.
func (s *Server) Freeze() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatalf("redistest: freeze %s: %v", s.Addr, err)
	}
}
