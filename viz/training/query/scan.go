package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	wordToken tokenKind = iota + 1
	textToken           // in quotes
	signToken
)

// A token is a part of a condition; at is where it begins, in bytes.
type token struct {
	kind tokenKind
	text string
	at   int
}

var signs = []string{"!=", "<=", ">=", "==", "=", "<", ">", "~", "(", ")"}

// scan cuts a condition into tokens.
func scan(text string) ([]token, error) {
	var out []token
	for at := 0; at < len(text); {
		rest := text[at:]
		if strings.ContainsRune(" \t\r\n", rune(rest[0])) {
			at++
			continue
		}
		if quote := rest[0]; quote == '"' || quote == '\'' {
			end := strings.IndexByte(rest[1:], quote)
			if end < 0 {
				return nil, fmt.Errorf("the quote at character %d is not closed", at+1)
			}
			out = append(out, token{textToken, rest[1 : end+1], at})
			at += end + 2
			continue
		}
		if sign := signAt(rest); sign != "" {
			t := token{signToken, sign, at}
			if sign == "==" {
				t.text = "="
			}
			out = append(out, t)
			at += len(sign)
			continue
		}
		n := 0
		for n < len(rest) && !strings.ContainsRune(" \t\r\n\"'", rune(rest[n])) && signAt(rest[n:]) == "" {
			_, size := utf8.DecodeRuneInString(rest[n:])
			n += size
		}
		out = append(out, token{wordToken, rest[:n], at})
		at += max(n, 1)
	}
	return out, nil
}

func signAt(s string) string {
	for _, sign := range signs {
		if strings.HasPrefix(s, sign) {
			return sign
		}
	}
	return ""
}
