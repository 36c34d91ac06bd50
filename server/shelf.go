package server

import (
	"slices"
	"sync"
)

// A shelf keeps what was used last, opened: models, pictures. Who asks for
// something that is being opened waits for it.
type shelf[T any] struct {
	most      int   // how many stay open; the one used last does in any case
	mostBytes int64 // how many bytes they hold together
	bytesOf   func(T) int64

	mu    sync.Mutex
	books []*book[T] // the latest first
}

// A book is one thing, opened in the state that its stamp tells.
type book[T any] struct {
	name, stamp string
	read        func() (T, error)
	bytes       int64 // once it is read
}

// take returns what has that name and stamp, opened now if it is not on the
// shelf. What cannot be opened is tried anew each time.
func (s *shelf[T]) take(name, stamp string, open func() (T, error)) (T, error) {
	b := s.find(name, stamp, open)
	thing, err := b.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.books = slices.DeleteFunc(s.books, func(o *book[T]) bool { return o == b })
		return thing, err
	}
	b.bytes = s.bytesOf(thing)
	s.trim()
	return thing, nil
}

// find puts the book in front; one of a state that is gone leaves.
func (s *shelf[T]) find(name, stamp string, open func() (T, error)) *book[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := &book[T]{name: name, stamp: stamp, read: sync.OnceValues(open)}
	s.books = slices.DeleteFunc(s.books, func(b *book[T]) bool {
		if b.name == name && b.stamp == stamp {
			found = b
		}
		return b.name == name
	})
	s.books = slices.Insert(s.books, 0, found)
	return found
}

func (s *shelf[T]) trim() {
	total := int64(0)
	for i, b := range s.books {
		total += b.bytes
		if i > 0 && (i >= s.most || total > s.mostBytes) {
			clear(s.books[i:])
			s.books = s.books[:i]
			return
		}
	}
}
