package sqlitecache

import (
	"context"
	"database/sql/driver"

	"github.com/newswire/newswire/cache/cachetest"
)

// faultyConnector opens connections on which faults strike before and after every statement.
type faultyConnector struct {
	driver.Connector
	faults *cachetest.Faults
}

func (c faultyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return faultyConn{conn.(sqliteConn), c.faults}, nil
}

// hastyConnector opens connections that do not wait for the disk: the contract does not depend on it, and what does is
// tested by killing a process.
type hastyConnector struct {
	driver.Connector
}

func (c hastyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.(driver.ExecerContext).ExecContext(ctx, "PRAGMA synchronous = OFF", nil)
	return conn, err
}

// sqliteConn is what database/sql makes use of in the driver's connections.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type faultyConn struct {
	sqliteConn
	faults *cachetest.Faults
}

func (c faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Result, err error) {
	err = c.faults.Do(func() (err error) { r, err = c.sqliteConn.ExecContext(ctx, query, args); return err })
	return r, err
}

func (c faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return queryFaulty(c.faults, func() (driver.Rows, error) { return c.sqliteConn.QueryContext(ctx, query, args) })
}

func (c faultyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.sqliteConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return faultyStmt{stmt.(sqliteStmt), c.faults}, nil
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type faultyStmt struct {
	sqliteStmt
	faults *cachetest.Faults
}

func (s faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (r driver.Result, err error) {
	err = s.faults.Do(func() (err error) { r, err = s.sqliteStmt.ExecContext(ctx, args); return err })
	return r, err
}

func (s faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return queryFaulty(s.faults, func() (driver.Rows, error) { return s.sqliteStmt.QueryContext(ctx, args) })
}

func queryFaulty(faults *cachetest.Faults, query func() (driver.Rows, error)) (rows driver.Rows, err error) {
	err = faults.Do(func() (err error) { rows, err = query(); return err })
	if err != nil && rows != nil { // executed, and its reply lost
		_ = rows.Close()
		rows = nil
	}
	return rows, err
}
