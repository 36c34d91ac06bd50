package track

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tomo-viz/tomo/track/series"
)

// A journalPage collects the loose points of many metrics for one row of the
// journal: of each its row, how many points come before, how many bytes follow,
// and the points.
type journalPage []byte

// pageBytes is how large a page becomes.
const pageBytes = 256 << 10

func (p *journalPage) add(t *transaction, metric, at int64, points []byte) error {
	b := binary.AppendUvarint(*p, uint64(metric))
	b = binary.AppendUvarint(b, uint64(at))
	b = binary.AppendUvarint(b, uint64(len(points)))
	*p = append(b, points...)
	if len(*p) < pageBytes {
		return nil
	}
	return p.write(t)
}

// write puts the page into the journal.
func (p *journalPage) write(t *transaction) error {
	if len(*p) == 0 {
		return nil
	}
	_, err := t.do.log.Exec([]byte(*p))
	*p = (*p)[:0]
	return err
}

// logged is points as the journal holds them.
type logged struct {
	metric, at int64
	points     []series.Point
}

var errJournal = errors.New("the journal is damaged")

// each goes through what a page holds.
func (p journalPage) each(take func(logged) error) error {
	for len(p) > 0 {
		var head [3]uint64
		for i := range head {
			v, size := binary.Uvarint(p)
			if size <= 0 {
				return errJournal
			}
			head[i], p = v, p[size:]
		}
		if head[2] > uint64(len(p)) {
			return errJournal
		}
		points, err := series.DecodePoints(p[:head[2]])
		if err != nil {
			return fmt.Errorf("%w: %w", errJournal, err)
		}
		p = p[head[2]:]
		if err := take(logged{int64(head[0]), int64(head[1]), points}); err != nil {
			return err
		}
	}
	return nil
}

// replay brings what a crash left in the journal into the parts.
func (w *writer) replay(ctx context.Context) error {
	pages, err := w.readJournal(ctx)
	if err != nil || len(pages) == 0 {
		return err
	}
	return w.commit(&entry{change: func(t *transaction) error {
		t.flush = true
		for _, page := range pages {
			if err := page.each(t.again); err != nil {
				return err
			}
		}
		return nil
	}})
}

// again adds points of the journal that are not in parts yet.
func (t *transaction) again(l logged) error {
	m, err := t.metricAt(l.metric)
	if err != nil {
		return err
	}
	have := m.end.Len() - l.at
	switch {
	case have < 0:
		return fmt.Errorf("%w: it has points of metric %d from %d on, and %d are there", errJournal, l.metric, l.at, m.end.Len())
	case have >= int64(len(l.points)):
		return nil
	}
	next := &metric{m.run, m.row, m.end.Clone()}
	j := &job{metric: next, parts: next.end.Append(l.points[have:]...)}
	encode([]*job{j})
	t.ends[m.row] = next
	return t.write(j)
}

// metricAt returns the metric of a row.
func (t *transaction) metricAt(row int64) (*metric, error) {
	if m := t.ends[row]; m != nil {
		return m, nil
	}
	var run int64
	if err := t.QueryRow("SELECT run FROM metric WHERE id = ?", row).Scan(&run); err != nil {
		return nil, fmt.Errorf("%w: metric %d: %w", errJournal, row, err)
	}
	return t.metric(run, row)
}

func (w *writer) readJournal(ctx context.Context) ([]journalPage, error) {
	rows, err := w.writes.QueryContext(ctx, "SELECT points FROM journal ORDER BY rowid")
	return collect(rows, err, func(scan func(...any) error) (page journalPage, err error) {
		err = scan((*[]byte)(&page))
		return page, err
	})
}
