package wandb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// ErrDamaged says that a record is not what was written. Those before and behind
// it can be read.
var ErrDamaged = errors.New("damaged")

// The log of LevelDB (doc/log_format.md there): records are cut into chunks so
// that no chunk crosses the boundary of a block. What is left of a block where no
// header of a chunk fits is empty.
const (
	blockBytes = 32 << 10
	headBytes  = 4 + 2 + 1 // checksum, length, kind
)

// Kinds of chunks: a whole record, or a part of one.
const (
	chunkZero = iota // where a crashed machine has left a hole
	chunkFull
	chunkFirst
	chunkMiddle
	chunkLast
)

// fileHead begins a file, in place of as many bytes of the first block: a mark,
// a magic number, and a version that has never changed.
var fileHead = []byte{':', 'W', '&', 'B', 0xe1, 0xbe, 0}

// Begins reports whether a file that begins so may be one of W&B's.
func Begins(head []byte) bool { return bytes.HasPrefix(head, fileHead[:6]) }

// maxRecord bounds a record. A client refuses to write larger ones.
const maxRecord = 256 << 20

// blocks reads the data of one record after the other from what may still grow.
type blocks struct {
	src    io.ReaderAt
	offset int64 // where the next record begins
	at     int64 // where the next chunk of it begins
	record []byte
	block  []byte // what there is of the block that at lies in
	begin  int64  // where that block begins
	parts  bool   // of the record there are chunks already
}

// next returns the data of the next record, which is valid until the call after.
// It returns io.EOF at the end of the file, even within a record.
func (b *blocks) next() ([]byte, error) {
	if b.at == 0 {
		if err := b.head(); err != nil {
			return nil, err
		}
	}
	for {
		kind, data, err := b.chunk()
		if err != nil {
			if errors.Is(err, io.EOF) {
				b.at, b.parts = b.offset, false // to be read anew when there is more
			}
			return nil, err
		}
		whole, err := b.join(kind, data)
		if err != nil || whole != nil {
			b.offset, b.parts = b.at, false
			return whole, err
		}
	}
}

func (b *blocks) head() error {
	head := make([]byte, len(fileHead))
	if n, err := b.src.ReadAt(head, 0); n < len(head) {
		return err
	}
	if !bytes.Equal(head, fileHead) {
		return fmt.Errorf("the file is no log of Weights & Biases, or of a version that is not known: it begins with %q", head)
	}
	b.at, b.offset = int64(len(head)), int64(len(head))
	return nil
}

// join puts chunks together, and returns a record that is whole.
func (b *blocks) join(kind byte, data []byte) ([]byte, error) {
	switch {
	case kind == chunkFull && !b.parts:
		if data == nil {
			data = []byte{}
		}
		return data, nil
	case kind == chunkFirst && !b.parts:
		b.record = b.record[:0]
		b.parts = true
	case kind != chunkMiddle && kind != chunkLast || !b.parts:
		// Its beginning or its end is not there.
		if kind == chunkFull || kind == chunkFirst {
			b.at -= int64(headBytes + len(data)) // that is another record
		}
		return nil, fmt.Errorf("the record at byte %d is %w: a part is missing", b.offset, ErrDamaged)
	}
	if len(b.record)+len(data) > maxRecord {
		return nil, fmt.Errorf("the record at byte %d is %w: it is larger than any is", b.offset, ErrDamaged)
	}
	b.record = append(b.record, data...)
	if kind == chunkLast {
		return b.record, nil
	}
	return nil, nil
}

// chunk reads the next chunk. What is damaged is passed over to the end of the
// block: where the next chunk begins in it is not known.
func (b *blocks) chunk() (kind byte, data []byte, err error) {
	for {
		left := blockBytes - b.at%blockBytes
		if left < headBytes {
			b.at += left
			continue
		}
		head, err := b.peek(headBytes)
		if err != nil {
			return 0, nil, err
		}
		sum, length, kind := binary.LittleEndian.Uint32(head), int64(binary.LittleEndian.Uint16(head[4:])), head[6]
		if kind == chunkZero && length == 0 && sum == 0 {
			if err := b.hole(left); err != nil {
				return 0, nil, err
			}
			continue
		}
		if kind == chunkZero || kind > chunkLast || headBytes+length > left {
			return 0, nil, b.damaged(left)
		}
		whole, err := b.peek(headBytes + length)
		if err != nil {
			return 0, nil, err
		}
		if crc32.ChecksumIEEE(whole[6:]) != sum {
			return 0, nil, b.damaged(left)
		}
		b.at += int64(len(whole))
		return kind, whole[headBytes:], nil
	}
}

func (b *blocks) damaged(left int64) error {
	err := fmt.Errorf("the record at byte %d is %w", b.offset, ErrDamaged)
	b.at += left
	b.offset, b.parts = b.at, false
	return err
}

// hole passes over zeros, if there is a block behind them. Without one, what
// belongs there may still come.
func (b *blocks) hole(left int64) error {
	if _, err := b.src.ReadAt(make([]byte, 1), b.at+left); err != nil {
		return err
	}
	b.at += left
	if !b.parts {
		b.offset = b.at
	}
	return nil
}

// peek returns the next n bytes, which lie in one block, without taking them.
func (b *blocks) peek(n int64) ([]byte, error) {
	begin := b.at - b.at%blockBytes
	from := b.at - begin
	if begin != b.begin {
		b.begin, b.block = begin, b.block[:0]
	}
	if int64(len(b.block)) < from+n {
		if b.block == nil {
			b.block = make([]byte, 0, blockBytes)
		}
		have := len(b.block)
		got, err := b.src.ReadAt(b.block[have:blockBytes], begin+int64(have))
		b.block = b.block[:have+got]
		if int64(len(b.block)) < from+n {
			if err == nil {
				err = io.ErrNoProgress
			}
			return nil, err
		}
	}
	return b.block[from : from+n], nil
}
