package sqlitecache

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"
)

// gathering is how long a transaction is held up for others to come along, when several shared the last one. Most of what a
// small write costs is its transaction.
const gathering = 2 * time.Millisecond

// write runs do in a transaction, alone in all processes, and returns when that is on the disk. When do fails, nothing of
// it is kept. Writes that wait at the same time share one transaction and one wait for the disk: the first to begin
// writes for all of them. So do may be called again, alone, after another write has spoilt the transaction they shared.
func (s *file) write(ctx context.Context, do func(*tx) error) error {
	j := &job{do: do, done: make(chan error, 1)}
	s.waiting.Add(j)
	select {
	case err := <-j.done:
		return err
	case s.writing <- struct{}{}:
		s.writeAll(ctx, j)
		return <-j.done
	case <-ctx.Done():
		if s.waiting.Remove(j) {
			return ctx.Err()
		}
		return <-j.done // it is being written: the result of that counts
	}
}

// writeAll performs all jobs that wait. When the file cannot be locked, that is an error of the one
// job; the others try for themselves.
func (s *file) writeAll(ctx context.Context, own *job) {
	defer func() { <-s.writing }()
	if !s.waiting.Has(own) {
		return // the transaction before this one has written it
	}
	if s.crowded {
		time.Sleep(gathering)
	}
	if err := s.lock(ctx); err != nil {
		if s.waiting.Remove(own) {
			own.done <- err
		}
		return
	}
	// The wait for the lock can be cut short. From here on it is quick, and cut short it would leave the callers in doubt.
	ctx = context.WithoutCancel(ctx)
	jobs := s.waiting.Drain()
	s.crowded = len(jobs) > 1
	err := s.perform(ctx, jobs...)
	if err != nil && len(jobs) > 1 {
		s.rollback(ctx)
		for _, j := range jobs {
			err := s.lock(ctx)
			if err == nil {
				err = s.commit(ctx, s.perform(ctx, j), j)
			}
			j.done <- err
		}
		return
	}
	err = s.commit(ctx, err, jobs...)
	for _, j := range jobs {
		j.done <- err
	}
}

// lock takes the file's write lock.
func (s *file) lock(ctx context.Context) error {
	if s.writer == nil {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		s.writer = &session{conn: conn, stmts: map[string]*sql.Stmt{}}
	}
	_, err := s.writer.exec(ctx, `BEGIN IMMEDIATE`)
	s.abandon(err)
	return err
}

// perform does jobs, one after another, in the transaction that has begun, until one fails.
func (s *file) perform(ctx context.Context, jobs ...*job) error {
	clock := s.now().UnixMilli()
	for _, j := range jobs {
		t := &tx{session: s.writer, codec: &s.codec, ctx: ctx, clock: clock}
		if err := j.do(t); err != nil {
			return err
		}
		if err := t.flush(); err != nil {
			return err
		}
		j.newest = t.newest
	}
	return nil
}

// commit commits what jobs did without an error, and tells of it, or else takes it back.
func (s *file) commit(ctx context.Context, err error, jobs ...*job) error {
	if err == nil {
		_, err = s.writer.exec(ctx, `COMMIT`)
	}
	if err != nil {
		s.rollback(ctx)
		return err
	}
	for _, j := range jobs {
		s.end.raise(j.newest)
	}
	return nil
}

func (s *file) rollback(ctx context.Context) {
	_, err := s.writer.exec(ctx, `ROLLBACK`)
	s.abandon(err)
}

// abandon closes the writer's connection when it is in doubt whether a transaction is still open on it: that rolls back.
func (s *file) abandon(err error) {
	if err != nil {
		s.writer.close()
		s.writer = nil
	}
}

// job is a write that waits.
type job struct {
	do     func(*tx) error
	newest int64      // the number of the last change record that it wrote; 0 for none
	done   chan error // the result; holds one
}

// session is the writer's connection with its prepared statements.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (s *session) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	stmt := s.stmts[query]
	if stmt == nil {
		var err error
		if stmt, err = s.conn.PrepareContext(ctx, query); err != nil {
			return nil, err
		}
		s.stmts[query] = stmt
	}
	return stmt, nil
}

func (s *session) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	stmt, err := s.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

// close closes the connection for good, instead of returning it to database/sql for the next to find it as it is. Its
// statements first: database/sql does not do that, and SQLite keeps a connection, with its lock, while it has any.
func (s *session) close() {
	for _, stmt := range s.stmts {
		_ = stmt.Close()
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}
