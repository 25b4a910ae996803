package sqlitecache

import (
	"context"
	"fmt"
)

const (
	// spare is how many bytes of free pages stay in the file for what comes next.
	spare = 4 << 20

	// freedAtOnce is how many bytes of pages one transaction gives back, so that other writes do not wait long.
	freedAtOnce = 2 << 20
)

// shrink gives the file's free pages back to the system, in steps. A file of a version before this one is not made for it:
// there it does nothing.
func (s *file) shrink(ctx context.Context) error {
	for {
		more := false
		err := s.write(ctx, func(t *tx) error {
			var mode, free, size int
			if err := t.row(`SELECT auto_vacuum, freelist_count, page_size FROM pragma_auto_vacuum, pragma_freelist_count, pragma_page_size`).Scan(&mode, &free, &size); err != nil {
				return err
			}
			surplus := free - spare/size
			if mode == 0 || surplus <= 0 {
				more = false
				return nil
			}
			more = surplus > freedAtOnce/size
			_, err := t.conn.ExecContext(t.ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, min(freedAtOnce/size, surplus)))
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}
