//go:build unix

package redistest

import "syscall"

// Freeze stops the server in the middle of its work: connections stay open, and no command is answered, until Kill or
// Restart.
func (s *Server) Freeze() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatalf("redistest: freeze %s: %v", s.Addr, err)
	}
}

// Thaw ends Freeze.
func (s *Server) Thaw() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		s.t.Fatalf("redistest: thaw %s: %v", s.Addr, err)
	}
}
