package letter_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/mail/letter"
	"latchkey/shared/share"
)

const url = "https://share.example.com/l/r0123456789abcdefghijklmnopq"

const recording = "https://share.example.com/r/r0123456789abcdefghijklmnopq"

// end is a day's end as MediaPocket's samples have it.
var end = time.Date(2023, 11, 29, 0, 0, 0, 0, time.UTC)

// hostile tries everything in every field.
const hostile = `"><script>alert(1)</script>` + "<img src=x onerror=y>\u202efdp.exe\r\nBcc: eve@example.org\x00 '&amp; {{.}} <!-- </td></style> ثلاثة"

func letters() map[string]share.Letter {
	long := strings.Repeat("lang\u0301-", 200)
	return map[string]share.Letter{
		"one": {
			To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test",
			Message: "Hello Bob,\n\nhere are the minutes.\n\nAnn",
			Links:   []share.LetterLink{{URL: url, Name: "minutes.pdf", ExpiresAt: end, Limit: 5}},
		},
		"document": {
			To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test", Message: "Please review.",
			Links: []share.LetterLink{{
				URL: "https://share.example.com/shared/transcript/0123456789ab?token=r0123456789abcdefghijklmnopq", Name: "Board meeting",
				Kind: share.Document, ExpiresAt: end,
			}},
		},
		"person": {
			To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test", Message: "By Friday, please.\nThe names first.",
			Links: []share.LetterLink{{URL: recording, Name: "Board meeting", Kind: share.Person, Edit: true}},
		},
		"person-reads": {To: "bob@example.org", Links: []share.LetterLink{{URL: recording, Name: hostile, Kind: share.Person, ExpiresAt: end}}},
		"handover": {
			To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test", Message: "Hello Bob,\n\nthe manual.",
			Links: []share.LetterLink{{URL: "https://share.example.com/s/h0123456789abcdefghijklmnopq", Name: "manual.pdf", Kind: share.Handover}},
		},
		"handover-user": {
			To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test", Message: "Hello Bob,\n\nthe manual.",
			Links: []share.LetterLink{{URL: "https://share.example.com/s/h0123456789abcdefghijklmnopq", Name: "Manual", Kind: share.Handover, Need: share.SignIn}},
		},
		"handover-waits": {
			To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test",
			Links: []share.LetterLink{{URL: "https://share.example.com/s/h0123456789abcdefghijklmnopq", Name: "Manual", Kind: share.Handover, Need: share.Decision}},
		},
		"three": {
			To: "bob@example.org", Sender: "Ann Admin", ReplyTo: "ann@acme.test",
			Links: []share.LetterLink{
				{URL: url + "1", Name: "talk.mp4"},
				{URL: url + "2", Name: "تقرير 2023.pdf", Limit: 1},
				{URL: url + "3", Name: "notes & more.txt", ExpiresAt: end.Add(14*time.Hour + 30*time.Minute)},
			},
		},
		"many":    {To: "bob@example.org", Sender: "Ann Admin", Links: slices.Repeat([]share.LetterLink{{URL: url, Name: "part.wav", ExpiresAt: end, Limit: 3}}, 21)},
		"nobody":  {To: "bob@example.org", Links: []share.LetterLink{{URL: url, Name: "minutes.pdf"}}},
		"hostile": {To: hostile, Sender: hostile, ReplyTo: hostile, Message: hostile, Links: []share.LetterLink{{URL: url + `?a=b&c="d"`, Name: hostile, Limit: 2}}},
		"long":    {To: "bob@example.org", Sender: long, Message: strings.Repeat("w", 2000), Links: []share.LetterLink{{URL: url, Name: long + ".docx", ExpiresAt: end, Limit: 1_000_000_000}}},
	}
}

func TestGolden(t *testing.T) {
	for name, l := range letters() {
		t.Run(name, func(t *testing.T) {
			subject, html, text := letter.Compose(l)
			fake.Golden(t, name+".golden.html", html)
			fake.Golden(t, name+".golden.txt", "Subject: "+subject+"\n\n"+text)
		})
	}
}

// TestSaysAll: both forms list every link with its name and terms.
func TestSaysAll(t *testing.T) {
	l := letters()["three"]
	_, html, text := letter.Compose(l)
	for _, want := range []string{
		"Ann Admin", "bob@example.org", "ann@acme.test", url + "1", url + "2", url + "3", "talk.mp4", "تقرير 2023.pdf",
		"At most 1 download by all recipients together.", "Available until 29 November 2023, 14:30 UTC.",
	} {
		for form, got := range map[string]string{"html": html, "text": text} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q", form, want)
			}
		}
	}
	if !strings.Contains(html, "notes &amp; more.txt") || !strings.Contains(text, "notes & more.txt") {
		t.Error("a name is escaped in HTML and only there")
	}
}

func TestSubject(t *testing.T) {
	all := letters()
	tests := []struct {
		name string
		in   share.Letter
		want string
	}{
		{"one", all["one"], "Ann Admin sent you minutes.pdf"},
		{"three", all["three"], "Ann Admin sent you 3 files"},
		{"a named person", all["person"], "Ann Admin shared Board meeting with you"},
		{"no sender", all["nobody"], "Someone sent you minutes.pdf"},
		{"no links", share.Letter{Sender: "Ann"}, "Ann sent you 0 files"},
		{"header injection", share.Letter{Sender: "Ann\r\nBcc: eve@example.org", Links: []share.LetterLink{{Name: "a\nb.pdf"}}},
			"Ann Bcc: eve@example.org sent you a b.pdf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, _ := letter.Compose(tt.in)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("subject (-want +got):\n%s", diff)
			}
		})
	}
}

// tags are the only elements and attributes that a letter may have.
var (
	element = regexp.MustCompile(`<[a-z!/][^>]*>`)
	known   = regexp.MustCompile(`^</?(?:!doctype html|html|head|meta|title|style|body|table|tr|td|h1|p|bdi|br|a)(?: [a-z-]+="[^"<>]*")*>$`)
	handler = regexp.MustCompile(` on[a-z]+=`)
)

// FuzzCompose: whatever people write, the letter keeps its form.
func FuzzCompose(f *testing.F) {
	for _, l := range letters() {
		f.Add(l.Sender, l.Message, l.Links[0].Name, l.To, l.ReplyTo)
	}
	f.Fuzz(func(t *testing.T, sender, message, name, to, reply string) {
		subject, html, text := letter.Compose(share.Letter{
			To: to, Sender: sender, ReplyTo: reply, Message: message,
			Links: []share.LetterLink{{URL: url, Name: name, Limit: 3, ExpiresAt: end}},
		})
		if n := utf8.RuneCountInString(subject); n > 125 || strings.ContainsAny(subject, "\r\n\x00\u202e") {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		for _, tag := range element.FindAllString(html, -1) {
			if !known.MatchString(tag) || handler.MatchString(tag) {
				t.Errorf("html has %s", tag)
			}
		}
		if n := strings.Count(html, "href="); n != 1 || !strings.Contains(html, `href="`+url+`"`) {
			t.Errorf("html has %d links", n)
		}
		for form, got := range map[string]string{"html": html, "text": text} {
			if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\x00\u202e") {
				t.Errorf("%s has characters that deceive", form)
			}
		}
		if !strings.Contains(text, "\n"+url+"\n") {
			t.Errorf("text has no line with the link alone: %q", text)
		}
	})
}

// TestLoadsNothing: opening the mail must not tell anybody.
func TestLoadsNothing(t *testing.T) {
	for name, l := range letters() {
		_, html, _ := letter.Compose(l)
		markup := strings.Join(element.FindAllString(html, -1), "")
		for _, bad := range []string{"<img", "src=", "<link", "url(", "@import", "background="} {
			if strings.Contains(markup, bad) {
				t.Errorf("%s: html has %s", name, bad)
			}
		}
		if n := strings.Count(markup, "://"); n != len(l.Links) {
			t.Errorf("%s: %d addresses in the markup, want the %d links", name, n, len(l.Links))
		}
	}
}

// TestHandoverSaysWhatToDo: text and HTML tell who is new to download and
// register, who waits to wait, and who is a user to sign in, and nobody what
// is for another.
//
// contract: SC-10, SC-15, SC-18
func TestHandoverSaysWhatToDo(t *testing.T) {
	said := map[string]string{
		"handover": "You can register there", "handover-user": "Sign in on the page to download it", "handover-waits": "has yet to decide",
	}
	const open = "whoever has it can download the document"
	for name := range said {
		_, html, text := letter.Compose(letters()[name])
		for form, got := range map[string]string{"html": html, "text": text} {
			for state, words := range said {
				if strings.Contains(got, words) != (state == name) {
					t.Errorf("%s: %s says %q: %v", name, form, words, state != name)
				}
			}
			if strings.Contains(got, open) != (name == "handover") {
				t.Errorf("%s: %s says %q: %v", name, form, open, name != "handover")
			}
		}
	}
}
