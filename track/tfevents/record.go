package tfevents

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrDamaged says that a record is not what was written. Nothing behind it can
// be read, since only the records' lengths tell where they begin.
var ErrDamaged = errors.New("damaged")

// maxRecord bounds a record, so that a damaged length that passes its checksum
// does not take the machine's memory.
const maxRecord = 1 << 30

// Sizes of what stands around the data of a record: its length and the length's
// checksum before, the data's checksum after.
const (
	before = 8 + 4
	after  = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum as TFRecord files keep it, so that the checksum of data
// that holds checksums stays a good one (tensorflow/core/lib/hash/crc32c.h).
func masked(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// records reads the data of one record after the other from what may still grow.
type records struct {
	src    io.Reader
	buf    []byte
	from   int   // of what is not taken yet in buf
	offset int64 // of it in the file
}

// least is how much is read at a time.
const least = 128 << 10

// next returns the data of the next record, which is valid until the call after.
// It returns io.EOF where the file ends, even if within a record.
func (r *records) next() ([]byte, error) {
	head, err := r.peek(before)
	if err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint32(head[8:]) != masked(head[:8]) {
		return nil, fmt.Errorf("the length of the record at byte %d is %w", r.offset, ErrDamaged)
	}
	length := binary.LittleEndian.Uint64(head)
	if length > maxRecord {
		return nil, fmt.Errorf("the record at byte %d says that it has %d bytes, more than any has: %w", r.offset, length, ErrDamaged)
	}
	whole, err := r.peek(before + int(length) + after)
	if err != nil {
		return nil, err
	}
	data := whole[before : before+length]
	if binary.LittleEndian.Uint32(whole[before+length:]) != masked(data) {
		return nil, fmt.Errorf("the record at byte %d is %w", r.offset, ErrDamaged)
	}
	r.from += len(whole)
	r.offset += int64(len(whole))
	return data, nil
}

// peek returns the next n bytes without taking them.
func (r *records) peek(n int) ([]byte, error) {
	for len(r.buf)-r.from < n {
		if err := r.fill(n); err != nil {
			return nil, err
		}
	}
	return r.buf[r.from : r.from+n], nil
}

// fill reads on, into a buffer that grows with what has really come, whatever a
// record says of its length.
func (r *records) fill(n int) error {
	if r.from > 0 {
		r.buf = r.buf[:copy(r.buf, r.buf[r.from:])]
		r.from = 0
	}
	if room := cap(r.buf) - len(r.buf); room == 0 {
		grown := make([]byte, len(r.buf), max(least, min(2*cap(r.buf), n+least)))
		copy(grown, r.buf)
		r.buf = grown
	}
	got, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+got]
	if got > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// AppendRecord appends a record of some data, as writers of event files do.
func AppendRecord(file, data []byte) []byte {
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	file = append(file, head...)
	file = binary.LittleEndian.AppendUint32(file, masked(head))
	file = append(file, data...)
	return binary.LittleEndian.AppendUint32(file, masked(data))
}
