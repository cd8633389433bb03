package e2e

import (
	"bytes"
	"regexp"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// secrets are the tokens, keys and signatures that were seen on the way: what
// no log and no table may have.
type secrets struct {
	patterns []*regexp.Regexp

	mu   sync.Mutex
	seen map[string]bool
}

func newSecrets() *secrets {
	return &secrets{seen: map[string]bool{}, patterns: []*regexp.Regexp{
		regexp.MustCompile(`(?:/(?:l|r|s|shareable_links)/|[?&]token=)([crh][0-9A-Za-z]{27})`),
		regexp.MustCompile(`l[kr]_[0-9A-Za-z]+_([0-9A-Za-z]{20,})`),
		regexp.MustCompile(`/register/([0-9A-Za-z]{27})`),
		regexp.MustCompile(`whsec_([0-9A-Za-z+/]{43})=`),
		regexp.MustCompile(`(?i)X-Amz-Signature"?[=:] ?"?([0-9a-f]{64})`),
	}}
}

// notice keeps the secrets in a text.
func (s *secrets) notice(text string) {
	for _, p := range s.patterns {
		for _, m := range p.FindAllStringSubmatch(text, -1) {
			s.mu.Lock()
			s.seen[m[1]] = true
			s.mu.Unlock()
		}
	}
}

// in returns the lines of data with a secret that was seen.
func (s *secrets) in(data []byte) (lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret := range s.seen {
		at := bytes.Index(data, []byte(secret))
		if at < 0 {
			continue
		}
		line := data[bytes.LastIndexByte(data[:at], '\n')+1:]
		line, _, _ = bytes.Cut(line, []byte("\n"))
		lines = append(lines, string(line[:min(len(line), 500)]))
	}
	return lines
}

func TestSecrets(t *testing.T) {
	const token, signature = "c0123456789abcdefghijABCDEFG", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	s := newSecrets()
	s.notice(`{"url":"http://h/api/v2/shareable_links/` + token + `","secret":"lk_anxDWLeRZ89UefkZ_Zkf0Z7ZwmcLCzFDsgfUkHGN2yOB"}`)
	s.notice(`Location: http://h/media/o?X-Amz-Expires=60&X-Amz-Signature=` + signature)
	s.notice(`http://h/l/r0123456789abcdefghijABCDEFG`)
	s.notice(`http://h/r/r0123456789ABCDEFGHIJabcdefg`)
	s.notice(`http://h/shared/transcript/d?token=rABCDEFG0123456789abcdefghij`)
	s.notice(`{"refresh_token":"lr_anxDWLeRZ89UefkZ_Zkf0Z7ZwmcLCzFDsgfUkHGN2yRF"}`)
	s.notice(`http://h/register/0123456789abcdefghijABCDEFz http://h/s/h0123456789abcdefghijABCDEFG`)
	tests := []struct {
		name, log string
		want      []string
	}{
		{"ids and routes", "GET /l/{key}\nlk_anxDWLeRZ89UefkZ and c0123456789\n", nil},
		{"a token", "one\npath=/x/" + token + " y\nthree", []string{"path=/x/" + token + " y"}},
		{"a page's token", "r0123456789abcdefghijABCDEFG", []string{"r0123456789abcdefghijABCDEFG"}},
		{"a recording's token", "r0123456789ABCDEFGHIJabcdefg", []string{"r0123456789ABCDEFGHIJabcdefg"}},
		{"a document's token", "rABCDEFG0123456789abcdefghij", []string{"rABCDEFG0123456789abcdefghij"}},
		{"the secret part of a key", "k Zkf0Z7ZwmcLCzFDsgfUkHGN2yOB", []string{"k Zkf0Z7ZwmcLCzFDsgfUkHGN2yOB"}},
		{"the secret part of a refresh token", "k Zkf0Z7ZwmcLCzFDsgfUkHGN2yRF", []string{"k Zkf0Z7ZwmcLCzFDsgfUkHGN2yRF"}},
		{"a one-time token", "0123456789abcdefghijABCDEFz", []string{"0123456789abcdefghijABCDEFz"}},
		{"a handover's token", "h0123456789abcdefghijABCDEFG", []string{"h0123456789abcdefghijABCDEFG"}},
		{"a signature", "sig=" + signature, []string{"sig=" + signature}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, s.in([]byte(tt.log))); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}
