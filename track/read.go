package track

import (
	"context"
	"database/sql"
	"fmt"
)

// query asks the file for rows.
func (s *Store) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := s.db.QueryContext(ctx, text, args...)
	return rows, s.orClosed(err)
}

// row asks the file for one row, whose columns are taken as [sql.Row.Scan] does.
func (s *Store) row(ctx context.Context, text string, args ...any) (scan func(...any) error) {
	return s.scanOf(s.db.QueryRowContext(ctx, text, args...))
}

func (s *Store) scanOf(row *sql.Row) func(...any) error {
	return func(into ...any) error { return s.orClosed(row.Scan(into...)) }
}

// orClosed tells what a read says of a store that was closed meanwhile: the
// errors that database/sql has for it are its own, and cannot be told from others.
func (s *Store) orClosed(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-s.stopped:
		return fmt.Errorf("%w: %w", ErrClosed, err)
	default:
		return err
	}
}

// collect reads what a query answers with, row by row; err is the query's own.
// read takes the columns of a row by scan, as [sql.Rows.Scan] does.
func collect[T any](rows *sql.Rows, err error, read func(scan func(...any) error) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		one, err := read(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}
