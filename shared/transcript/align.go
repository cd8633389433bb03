package transcript

import (
	"slices"
	"sort"
	"strings"
)

// Paragraphs are the limits by which what somebody says is cut into segments:
// a pause of 1.5 s ends one, and so does, where it is best, a minute.
var Paragraphs = Limits{Silence: 1500, Duration: 60_000, Characters: MaxTextLength / 2}

// Align gives the words of a text the times of those that were heard and are
// the same, whatever their case and punctuation, by the shortest edit; the
// others share what is between. A line of the text begins a segment, and so
// does who is heard to speak, and a new one of Paragraphs. Characters that no
// transcript has are left out. If nothing was heard there is nothing.
func Align(text string, heard Transcript) Transcript {
	end := int64(0)
	for _, s := range heard.Segments {
		end = max(end, s.End)
	}
	words := Unaligned(cleaned(text))
	if end == 0 || len(words) == 0 {
		return Transcript{}
	}
	words = Realign(heard, Transcript{[]Segment{{End: end, Words: words}}}).Segments[0].Words
	var out Transcript
	for begin := 0; begin < len(words); {
		by := heard.speaker(words[begin].Start)
		n := 1 + slices.IndexFunc(words[begin+1:], func(w Word) bool { return heard.begins(w, by) })
		if n == 0 {
			n = len(words) - begin
		}
		part := words[begin : begin+n]
		out.Segments = append(out.Segments, Segment{Speaker: by, Start: part[0].Start, End: latest(part), Words: part})
		begin += n
	}
	return out.Split(Paragraphs)
}

// begins reports whether a word does not belong to the segment before it.
func (t Transcript) begins(w Word, speaker string) bool {
	line := strings.ContainsAny(w.Text[:len(w.Text)-len(strings.TrimLeftFunc(w.Text, breaks))], "\n\u2028\u2029")
	return line || t.speaker(w.Start) != speaker
}

// speaker is who began last to speak at a time, or speaks first.
func (t Transcript) speaker(at int64) string {
	i := sort.Search(len(t.Segments), func(i int) bool { return t.Segments[i].Start > at })
	return t.Segments[max(i-1, 0)].Speaker
}

func latest(words []Word) (end int64) {
	for _, w := range words {
		end = max(end, w.End)
	}
	return end
}
