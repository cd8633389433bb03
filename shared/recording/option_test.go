package recording_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// TestBurnInOptions: every value of every list is taken, and no other.
func TestBurnInOptions(t *testing.T) {
	w, _, a := video(t)
	covered := map[string]bool{"Bold": true, "Italic": true, "FontSize": true} // FontSize below
	for _, tt := range []struct {
		name, field string // of the struct; in faults
		good, bad   []string
	}{
		{"Font", "font", recording.Fonts(), []string{"arial", "Helvetica", " Arial", "Arial;", "Arial\x00"}},
		{"FontColor", "font_color", []string{"#000000", "#ffffff", "#FFFFFF", "#aB09fF"}, []string{"#FFF", "white", "FFFFFF", "#GGGGGG", "#FFFFFF ", "#FFFFFFF", "#FFFFFF\n"}},
		{"HAlign", "h_align", []string{"center", "right", "left"}, []string{"middle", "Center", "top"}},
		{"VAlign", "v_align", []string{"top", "middle", "bottom"}, []string{"center", "BOTTOM"}},
		{"BorderStyle", "border_style", []string{"none", "outline", "wrap", "full"}, []string{"box", "Wrap"}},
		{"BorderColor", "border_color", []string{"#123456"}, []string{"#12345", "black"}},
		{"Ratio", "ratio", []string{"original", "1:1", "9:16", "16:9", "5:4", "4:5"}, []string{"4:3", "16/9", "1:1 "}},
		{"Position", "export_position", []string{"fit", "fill"}, []string{"stretch"}},
		{"Background", "background_color", []string{"#000000"}, []string{"#00000", "transparent"}},
	} {
		covered[tt.name] = true
		ask := func(value string) (recording.Product, error) {
			var b recording.BurnIn
			reflect.ValueOf(&b).Elem().FieldByName(tt.name).SetString(value)
			return w.Recordings.AddBurnIn(ctx, a, "", b, account.Once{})
		}
		for _, value := range tt.good {
			want := recording.DefaultBurnIn
			reflect.ValueOf(&want).Elem().FieldByName(tt.name).SetString(value)
			p, err := ask(value)
			if err == nil {
				p = w.product(t, p)
			}
			if diff := cmp.Diff(want, p.BurnIn); err != nil || diff != "" {
				t.Errorf("%s %q: %v (-want +got):\n%s", tt.field, value, err, diff)
			}
		}
		for _, value := range tt.bad {
			if _, err := ask(value); !fault.Is(err, fault.Invalid) || fault.As(err).Field != tt.field {
				t.Errorf("%s %q: %v", tt.field, value, err)
			}
		}
	}
	for size, good := range map[int]bool{-1: false, 9: false, 10: true, 16: true, 42: true, 43: false, 1 << 40: false} {
		p, err := w.Recordings.AddBurnIn(ctx, a, "", recording.BurnIn{FontSize: size}, account.Once{})
		if good && (err != nil || p.BurnIn.FontSize != size) || !good && (!fault.Is(err, fault.Invalid) || fault.As(err).Field != "font_size") {
			t.Errorf("font_size %d: %+v, %v", size, p.BurnIn, err)
		}
	}
	for f := range reflect.TypeFor[recording.BurnIn]().Fields() {
		if !covered[f.Name] {
			t.Errorf("%s is not tested", f.Name)
		}
	}
}

// TestWhatAnExportKeeps: spans of words that are marked, with the pauses
// between them and without what is said in between.
func TestWhatAnExportKeeps(t *testing.T) {
	const end = transcript.MaxTime
	for name, tt := range map[string]struct {
		words string // "h" is highlighted, "x" struck through, "." neither: each a second from the one before and 900 ms long; "|" begins another segment
		whole bool
		want  []recording.Span
	}{
		"one":                           {".h.", false, []recording.Span{{Start: 1000, End: 1900}}},
		"two with their pause":          {".hh.", false, []recording.Span{{Start: 1000, End: 2900}}},
		"two apart":                     {"h.h", false, []recording.Span{{Start: 0, End: 900}, {Start: 2000, End: 2900}}},
		"over a turn":                   {".h|h.", false, []recording.Span{{Start: 1000, End: 2900}}},
		"nothing struck":                {"...", true, []recording.Span{{Start: 0, End: end}}},
		"one struck":                    {".x.", true, []recording.Span{{Start: 0, End: 1000}, {Start: 1900, End: end}}},
		"the first struck":              {"x..", true, []recording.Span{{Start: 900, End: end}}},
		"two struck":                    {".xx.", true, []recording.Span{{Start: 0, End: 1000}, {Start: 2900, End: end}}},
		"all struck":                    {"xx", true, []recording.Span{{Start: 1900, End: end}}},
		"highlights do not matter then": {"hx", true, []recording.Span{{Start: 0, End: 1000}, {Start: 1900, End: end}}},
	} {
		t.Run(name, func(t *testing.T) {
			w, e, a := video(t)
			said := marked(tt.words)
			main, err := w.Recordings.Main(ctx, a, "")
			if err == nil {
				_, err = w.Recordings.UpdateDocument(ctx, main, recording.Edit{Transcript: &said})
			}
			if err == nil {
				_, err = w.Recordings.AddExport(ctx, a, recording.Export{Whole: tt.whole}, account.Once{})
			}
			if err != nil {
				t.Fatal(err)
			}
			w.Work(t)
			if diff := cmp.Diff([]any{tt.want}, e.Asked); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func marked(words string) (t transcript.Transcript) {
	at := int64(0)
	for _, turn := range strings.Split(words, "|") {
		seg := transcript.Segment{Start: at}
		for _, c := range turn {
			word := transcript.Word{Text: " w", Start: at, End: at + 900, Strikethrough: c == 'x'}
			if c == 'h' {
				word.Highlight = "#ffff00"
			}
			seg.Words = append(seg.Words, word)
			seg.End, at = at+900, at+1000
		}
		t.Segments = append(t.Segments, seg)
	}
	return t
}
