package viewer

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/page/wording"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// maxForm bounds a form: the longest text of a segment, of characters that
// are three bytes each and nine when they are encoded.
const maxForm = 10 * transcript.MaxTextLength

// form makes a handler of what a form of the page does. It answers with the
// page again, where query says what was done and fragment where it is.
func (s Service) form(do func(*http.Request, recording.Access, url.Values) (query, fragment string, err error)) dialect.Handler {
	return func(r *http.Request) (dialect.Response, error) {
		if dialect.OtherSite(r) {
			return dialect.Response{}, fault.New(fault.Forbidden, "the form was sent from another site")
		}
		body, err := dialect.ReadBody(r, maxForm)
		if err != nil {
			return dialect.Response{}, err
		}
		in, err := url.ParseQuery(string(body))
		if err != nil {
			return dialect.Response{}, fault.Wrap(fault.Malformed, err, "the form could not be read")
		}
		a, err := s.open(r, in.Get("token"))
		if err != nil {
			return dialect.Response{}, err
		}
		query, fragment, err := do(r, a, in)
		if err != nil {
			return dialect.Response{}, err
		}
		to := url.URL{Path: pathOf(a), RawQuery: strings.TrimSuffix("token="+url.QueryEscape(in.Get("token"))+"&"+query, "&"), Fragment: fragment}
		res := dialect.Response{Status: http.StatusSeeOther, Header: http.Header{"Location": {to.String()}}}
		dialect.Capability(res.Header)
		return res, nil
	}
}

func (s Service) comment(r *http.Request, a recording.Access, in url.Values) (query, fragment string, err error) {
	text, author := lines(in.Get("text")), in.Get("author")
	c := recording.CommentChange{Text: &text, Author: &author}
	if at := strings.TrimSpace(in.Get("at")); at != "" {
		ms, ok := parseClock(at)
		if !ok {
			return "", "", fault.Field(fault.Invalid, "time", "is not a time such as 1:15")
		}
		c.At = &ms
	}
	once, err := dialect.ReadOnce(r, author, in.Get("at"), text)
	if err != nil {
		return "", "", err
	}
	made, err := s.Recordings.AddComment(r.Context(), a, c, once.By(a.By()))
	return "said=" + made.ID, "comment-" + made.ID, err
}

// tend resolves a comment, opens it again or deletes it.
func (s Service) tend(r *http.Request, a recording.Access, in url.Values) (query, fragment string, err error) {
	id, do := r.PathValue("comment"), in.Get("do")
	switch do {
	case "resolve", "reopen":
		resolved := do == "resolve"
		_, err = s.Recordings.ChangeComment(r.Context(), a, id, recording.CommentChange{Resolved: &resolved})
		return "said=" + id, "comment-" + id, err
	case "delete":
		return "", "comments", s.Recordings.DeleteComment(r.Context(), a, id)
	}
	return "", "", fault.New(fault.Malformed, "the form is not one of this page")
}

// edit writes one segment, if the document is still the one that was shown.
func (s Service) edit(r *http.Request, a recording.Access, in url.Values) (query, fragment string, err error) {
	mine := attempt{Token: in.Get("token"), Path: pathOf(a), Speaker: in.Get("speaker"), Text: lines(in.Get("text"))}
	version, err1 := strconv.ParseInt(in.Get("version"), 10, 64)
	index, err2 := strconv.Atoi(in.Get("segment"))
	if err1 != nil || err2 != nil || version < 1 || index < 0 {
		return "", "", fault.New(fault.Malformed, "the form is not one of this page")
	}
	now, err := s.Recordings.Reread(r.Context(), a)
	if err != nil {
		return "", "", err
	}
	if index >= len(now.Transcript.Segments) {
		return "", "", mine.against(now, index)
	}
	t := transcript.Transcript{Segments: append([]transcript.Segment(nil), now.Transcript.Segments...)}
	t.Segments[index] = rewritten(t.Segments[index], mine.Speaker, mine.Text)
	d, err := s.Recordings.UpdateDocument(r.Context(), a, recording.Edit{Version: version, Transcript: &t})
	switch {
	case fault.Is(err, fault.Stale):
		if now, err = s.Recordings.Reread(r.Context(), a); err != nil {
			return "", "", err
		}
		return "", "", mine.against(now, index)
	case fault.Is(err, fault.Invalid):
		return "", "", mine.wrong(now, index, err)
	}
	return "saved=" + strconv.FormatInt(d.Version, 10), "t=" + momentOf(t.Segments[index].Start).Seconds, err
}

// rewritten is a segment with another speaker and text. What is not shown is
// not in the form either: the white space around a text, and the characters of
// a name that hide or reorder others. It stays where nothing else changed.
func rewritten(s transcript.Segment, speaker, text string) transcript.Segment {
	if speaker == wording.Line(s.Speaker) {
		speaker = s.Speaker
	}
	if shown := strings.TrimSpace(s.Text()); text == shown {
		s.Speaker = speaker
		return s
	}
	return transcript.Segment{Speaker: speaker, Start: s.Start, End: s.End, Words: transcript.Unaligned(text)}
}

// finish marks the document as finished.
func (s Service) finish(r *http.Request, a recording.Access, in url.Values) (query, fragment string, err error) {
	d, err := s.Recordings.Finish(r.Context(), a, true, 0)
	return "saved=" + strconv.FormatInt(d.Version, 10), "top", err
}

// lines is a text of a form, whose lines end as HTML says, without the white
// space around it.
func lines(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// parseClock reads "75", "1:15" or "1:01:15", in milliseconds.
func parseClock(s string) (ms int64, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) > 3 {
		return 0, false
	}
	for _, p := range parts {
		n, err := strconv.ParseUint(p, 10, 20)
		if err != nil {
			return 0, false
		}
		ms = ms*60 + int64(n)
	}
	return ms * 1000, ms*1000 <= transcript.MaxTime
}
