package lambdahttp

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// scan reads an event as API Gateway writes them, several times as fast as
// encoding/json, in which a followed link would spend most of its time. It
// reports false for everything it does not expect (another field, a null,
// another type, no requestContext.http, anything that is not JSON); then
// decode asks encoding/json. When it reports true, both read the same.
func scan(data []byte) (*call, bool) {
	s := scanner{text: string(data)} // one copy, of which all strings are parts
	c := &call{}
	isHTTP := s.event(c)
	return c, isHTTP && s.next() == 0 && s.at == len(s.text) && !s.bad
}

type scanner struct {
	text string
	at   int
	bad  bool
}

func (s *scanner) event(c *call) (isHTTP bool) {
	for ok := s.open('{', '}'); ok; ok = s.more('}') {
		switch s.key() {
		case "rawPath":
			c.path = s.str()
		case "rawQueryString":
			c.query = s.str()
		case "cookies":
			c.cookies = s.list()
		case "headers":
			c.headers = s.pairs(c.headers)
		case "body":
			c.body = s.str()
		case "isBase64Encoded":
			c.base64 = s.boolean()
		case "requestContext":
			isHTTP = s.context(c) || isHTTP
		case "version", "routeKey":
			s.str()
		case "queryStringParameters", "pathParameters", "stageVariables":
			s.pairs(nil)
		default:
			s.bad = true
		}
	}
	return isHTTP
}

func (s *scanner) context(c *call) (isHTTP bool) {
	for ok := s.open('{', '}'); ok; ok = s.more('}') {
		switch s.key() {
		case "requestId":
			c.info.RequestID = s.str()
		case "domainName":
			c.info.DomainName = s.str()
		case "timeEpoch":
			c.info.Time = epoch(s.integer())
		case "http":
			isHTTP = true
			s.http(c)
		case "accountId", "apiId", "domainPrefix", "routeKey", "stage", "time":
			s.str()
		default:
			s.bad = true
		}
	}
	return isHTTP
}

func (s *scanner) http(c *call) {
	for ok := s.open('{', '}'); ok; ok = s.more('}') {
		switch s.key() {
		case "method":
			c.method = s.str()
		case "path":
			c.contextPath = s.str()
		case "sourceIp":
			c.info.SourceIP = s.str()
		case "userAgent":
			c.info.UserAgent = s.str()
		case "protocol":
			s.str()
		default:
			s.bad = true
		}
	}
}

func (s *scanner) pairs(p []pair) []pair {
	if p == nil {
		p = make([]pair, 0, 16)
	}
	for ok := s.open('{', '}'); ok; ok = s.more('}') {
		p = append(p, pair{s.key(), s.str()})
	}
	return p
}

func (s *scanner) list() []string {
	var l []string
	for ok := s.open('[', ']'); ok; ok = s.more(']') {
		l = append(l, s.str())
	}
	return l
}

// open steps over an opening bracket and reports whether an element follows.
func (s *scanner) open(begin, end byte) bool {
	if s.next() != begin {
		s.bad = true
		return false
	}
	s.at++
	if s.next() == end {
		s.at++
		return false
	}
	return true
}

// more steps over what follows an element and reports whether it was a comma.
func (s *scanner) more(end byte) bool {
	c := s.next()
	if s.bad || (c != ',' && c != end) {
		s.bad = true
		return false
	}
	s.at++
	return c == ','
}

func (s *scanner) key() string {
	k := s.str()
	if s.next() != ':' {
		s.bad = true
		return ""
	}
	s.at++
	return k
}

// str reads a string. One with escapes or bad UTF-8 is left to encoding/json.
func (s *scanner) str() string {
	if s.next() != '"' {
		s.bad = true
		return ""
	}
	start, plain, ascii := s.at+1, true, true
	for i := start; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '"':
			s.at = i + 1
			if plain && (ascii || utf8.ValidString(s.text[start:i])) {
				return s.text[start:i]
			}
			return s.unquote(s.text[start-1 : i+1])
		case c == '\\':
			plain = false
			i++
		case c < ' ':
			s.bad = true
			return ""
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.bad = true
	return ""
}

func (s *scanner) unquote(literal string) (out string) {
	if json.Unmarshal([]byte(literal), &out) != nil {
		s.bad = true
	}
	return out
}

func (s *scanner) boolean() bool {
	s.space()
	for _, b := range []string{"true", "false"} {
		if strings.HasPrefix(s.text[s.at:], b) {
			s.at += len(b)
			return b == "true"
		}
	}
	s.bad = true
	return false
}

// integer reads a time in milliseconds: up to 18 digits, so that it fits.
func (s *scanner) integer() (n int64) {
	s.space()
	start := s.at
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		n = n*10 + int64(s.text[s.at]-'0')
		s.at++
	}
	digits := s.at - start
	s.bad = s.bad || digits == 0 || digits > 18 || (digits > 1 && s.text[start] == '0')
	return n
}

// next returns the next byte that is no space, or 0 at the end.
func (s *scanner) next() byte {
	s.space()
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

func (s *scanner) space() {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
		default:
			return
		}
	}
}
