package sqlitecache

import (
	"context"
	"fmt"
)

const (
	// spare is how many free pages, of 4 KiB, stay in the file for what comes next.
	spare = 1000

	// freedAtOnce is how many pages one transaction gives back, so that other writes do not wait long.
	freedAtOnce = 500
)

// shrink gives the file's free pages back to the system, in steps. A file of a version before this one is not made for it:
// there it does nothing.
func (s *file) shrink(ctx context.Context) error {
	for {
		more := false
		err := s.write(ctx, func(t *tx) error {
			var mode, free int
			if err := t.row(`SELECT auto_vacuum, freelist_count FROM pragma_auto_vacuum, pragma_freelist_count`).Scan(&mode, &free); err != nil {
				return err
			}
			more = free > spare+freedAtOnce
			if mode == 0 || free <= spare {
				more = false
				return nil
			}
			_, err := t.conn.ExecContext(t.ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, min(freedAtOnce, free-spare)))
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}
