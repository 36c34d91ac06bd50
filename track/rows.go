package track

import "database/sql"

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
