package viewer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"latchkey/shared/page/wording"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// page is what the reading page says.
type page struct {
	Title      string
	Duration   string
	WordsSum   string
	Language   string
	Document   string // id
	Version    int64
	Path       string // of the page
	API        string // path of the document in the API
	Token      string
	Finished   bool
	Public     bool // anybody may read it: its address may be passed on
	CanEdit    bool
	CanComment bool
	Formats    []format // to export; none without the right
	Media      bool
	Video      bool
	Thumbnail  bool
	Length     string // of the media, in seconds
	Peaks      string // how loud it is in each of equal parts of that: levels; or ""
	Segments   []segment
	Comments   []comment
	Named      string // who comments, where that is known, or ""
}

// format is one that can be exported.
type format struct{ Name, Label string }

// formats are those that a reader may want, the most wanted first.
var formats = []format{
	{"docx", "Word"}, {"pdf", "PDF"}, {"txt", "Plain text"}, {"srt", "SubRip (SRT)"}, {"vtt", "WebVTT"},
	{"sbv", "YouTube (SBV)"}, {"ttml", "TTML"}, {"stl", "EBU STL"}, {"html", "Web page"}, {"json", "JSON"},
}

// moment is a time of the recording.
type moment struct {
	Clock   string // as it is read
	Seconds string // as it is linked
}

// segment is one, as it is shown.
type segment struct {
	moment
	Index   int
	ID      string   // "t=…" for the first that begins at its time, or ""
	Anchors []string // "t=…" of comments' times that it contains, where no segment begins
	Speaker string
	Words   string // "length,gap,duration" of each: UTF-16 code units, ms
	Runs    []run
	Text    string // of a segment that is being edited
	Editing bool
}

// run is text that is marked in one way.
type run struct {
	Text           string
	Marked, Strike bool
}

type comment struct {
	moment
	ID       string
	Author   string
	Text     string
	When     string
	Resolved bool
	Mine     bool
}

func pageOf(a recording.Access, d recording.Read, comments []recording.Comment, token string) page {
	p := page{
		Title: wording.Line(a.Title()), Language: d.Language, Document: d.ID, Version: d.Version,
		Path:  pathOf(a),
		API:   "/api/v3/speech-to-text/session/sess_" + a.Recording.ID + "/shared/document/doc_" + d.ID,
		Token: token, Finished: d.Finished, Public: a.Share.Kind == share.Public, CanEdit: a.Edit && !d.Finished, CanComment: a.Comment,
		Media: a.Recording.HasMedia(), Video: a.Recording.Video, Thumbnail: a.Recording.Thumbnail != "",
		Length: momentOf(a.Recording.Duration).Seconds, Named: a.Share.Recipient,
	}
	if a.Export {
		p.Formats = formats
	}
	words, end := 0, a.Recording.Duration
	seen := map[int64]bool{}
	p.Segments = make([]segment, len(d.Transcript.Segments))
	for i, s := range d.Transcript.Segments {
		p.Segments[i] = segmentOf(i, s)
		if !seen[s.Start] {
			p.Segments[i].ID = "t=" + p.Segments[i].Seconds
		}
		seen[s.Start] = true
		words += len(s.Words)
		end = max(end, s.End)
	}
	p.Duration, p.WordsSum = clock(end), counted(words)
	for _, c := range comments {
		shown := commentOf(c)
		shown.Mine = c.By == a.By()
		p.Comments = append(p.Comments, shown)
		if i := passageAt(d.Transcript.Segments, c.At); shown.Clock != "" && i >= 0 && !seen[c.At] {
			p.Segments[i].Anchors = append(p.Segments[i].Anchors, "t="+shown.Seconds)
			seen[c.At] = true
		}
	}
	return p
}

// How peaks are shown: strip is how many there are, more than are drawn, and
// hush the loudest peak of what is shown as quiet as it is. What is louder
// fills the height there is.
const strip, hush = 500, 16

// levels writes down peaks for assets/wave.js: a digit from 0 to 63 for each,
// as encoded polylines have them, '?' to '~'.
func levels(peaks []byte) string {
	most := hush
	for _, p := range peaks {
		most = max(most, int(p))
	}
	out := make([]byte, min(strip, len(peaks)))
	for i := range out {
		part := peaks[i*len(peaks)/len(out) : (i+1)*len(peaks)/len(out)]
		out[i] = byte('?' + int(slices.Max(part))*63/most)
	}
	return string(out)
}

// passageAt is the index of the segment that contains a time: of several the
// one that began last, and of those the first. Without one it is the last that
// began before, or the first of all; -1 if there is none. Text.passage in
// assets/text.js says the same.
func passageAt(segments []transcript.Segment, ms int64) int {
	within, before := -1, min(0, len(segments)-1)
	for i, s := range segments {
		if s.Start > ms {
			break
		}
		before = i
		if ms < s.End && (within < 0 || s.Start > segments[within].Start) {
			within = i
		}
	}
	if within >= 0 {
		return within
	}
	return before
}

// edit opens the segment that a query names, if it may be edited.
func (p *page) edit(index string) {
	i, err := strconv.Atoi(index)
	if err == nil && p.CanEdit && i >= 0 && i < len(p.Segments) {
		p.Segments[i].Editing = true
	}
}

func segmentOf(index int, s transcript.Segment) segment {
	out := segment{moment: momentOf(s.Start), Index: index, Speaker: wording.Line(s.Speaker), Text: strings.TrimSpace(s.Text())}
	var words strings.Builder
	at := s.Start
	for i, w := range s.Words {
		text := w.Text
		if i == 0 {
			text = strings.TrimLeftFunc(text, unicode.IsSpace)
		} else {
			words.WriteByte(' ')
		}
		fmt.Fprintf(&words, "%d,%d,%d", length(text), w.Start-at, w.End-w.Start)
		at = w.End
	}
	out.Words = words.String()
	for p := range s.Pieces() {
		out.add(p)
	}
	return out
}

// add puts a piece behind the runs. Nothing is before the first word.
func (s *segment) add(p transcript.Piece) {
	last, marked := len(s.Runs)-1, p.Highlight != ""
	switch {
	case last < 0 && strings.TrimSpace(p.Text) == "":
	case last >= 0 && s.Runs[last].Marked == marked && s.Runs[last].Strike == p.Strikethrough:
		s.Runs[last].Text += p.Text
	default:
		s.Runs = append(s.Runs, run{p.Text, marked, p.Strikethrough})
	}
}

// length is how long a script says that a text is.
func length(s string) (n int) {
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

func commentOf(c recording.Comment) comment {
	out := comment{
		ID: c.ID, Author: wording.Line(c.Author), Text: wording.Text(c.Text), When: wording.Moment(c.CreatedAt), Resolved: c.Resolved,
	}
	if out.Author == "" {
		out.Author = "Somebody with the link"
	}
	if c.At >= 0 {
		out.moment = momentOf(c.At)
	}
	return out
}

func momentOf(ms int64) moment {
	return moment{clock(ms), strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64)}
}

// clock is a time as players show it: "0:07", "1:02:03".
func clock(ms int64) string {
	s := ms / 1000
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

func counted(words int) string {
	if words == 1 {
		return "1 word"
	}
	return wording.Number(int64(words)) + " words"
}
