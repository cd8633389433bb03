package transcript

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/asticode/go-astisub"
	"github.com/google/go-cmp/cmp"
)

// stlWorthy are transcripts that EBU STL carries whole: times of whole frames,
// characters of one table each, two who speak at once.
func stlWorthy() map[string]Transcript {
	two := func(name, other, text, more string) Transcript {
		return Transcript{[]Segment{FromText(name, 40, 2000, text), FromText(other, 1000, 3480, more), FromText("", 3480, 3480, more), FromText(name, 4000, 5000, "")}}
	}
	return map[string]Transcript{
		"00": two("Žofie Čapková", "Ōe “X”", "Příliš žluťoučký kůň\núpěl ďábelské ódy; Ångström, Œuvre, straße, ģ İı", "$5 & <b> 100 % ½ ♪ … ´ ¨ ĳ"),
		"01": two("Анна", "Ћирић", "Съешь ещё этих мягких\nфранцузских булок № 5", "да, $5 — нет"),
		"02": two("محمد", "ليلى", "مرحبا بالعالم، كيف\nالحال؟", "نعم 12"),
		"03": two("Ελένη", "Γιώργος", "Ξεσκεπάζω την ψυχοφθόρα\nβδελυγμία", "ναι· ΐ ΰ"),
		"04": two("דוד", "שרה", "שלום, עולם 123\nכן", "לא €5"),
	}
}

func TestSTLRoundTrip(t *testing.T) {
	lacks := strings.NewReplacer("…", "...", "— ", "- ", "€", "EUR")
	for table, want := range stlWorthy() {
		out := written(t, STL, want, Options{Title: "Ünder 50 %", Language: "cs-CZ"})
		if got := out[:16]; got != "850STL25.010"+table+"06" {
			t.Errorf("%s: begins %q", table, got)
		}
		for i, s := range want.Segments {
			want.Segments[i] = FromText(s.Speaker, s.Start, s.End, lacks.Replace(s.Text()))
		}
		got, err := Parse(STL, []byte(out))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", table, err, diff)
		}
	}
}

// TestPeerReadsSTL: another program reads what we write. It knows the Latin
// table alone and takes each block for a subtitle.
func TestPeerReadsSTL(t *testing.T) {
	in := Transcript{[]Segment{FromText("Žofie Čapková", 40, 2000, "Příliš žluťoučký kůň\núpěl ďábelské ódy"),
		FromText("Ōe “X”", 1000, 3480, "Ångström, Œuvre, straße, ģ İı; $5 & <b> 100 % ½ ♪"), FromText("", 3480, 3480, "x")}}
	read, err := astisub.ReadFromSTL(strings.NewReader(written(t, STL, in, Options{})), astisub.STLOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := Transcript{[]Segment{FromText("", 40, 2000, "Žofie Čapková: "+in.Segments[0].Text()), FromText("", 1000, 3480, "Ōe “X”: "+in.Segments[1].Text()), in.Segments[2]}}
	if diff := cmp.Diff(ownShape(want), peerShape(read)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSTLLacks(t *testing.T) {
	in := Transcript{[]Segment{FromText("大江", 0, 30, "言葉 👩‍👩‍👧 cafe\u0301 е\tẠ"), FromText("A", 61, MaxTime, "x")}}
	got, err := Parse(STL, []byte(written(t, STL, in, Options{Title: "日本"})))
	want := Transcript{[]Segment{FromText("??", 0, 40, "?? ??? café ? ?"), FromText("A", 80, MaxTime-39, "x")}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestSTLHead(t *testing.T) {
	out := written(t, STL, Transcript{[]Segment{FromText("A", 90_000_000, MaxTime, strings.Repeat("é", 60))}}, Options{Title: "Ünder " + strings.Repeat("x", 40), Language: "tlh"})
	for at, want := range map[int]string{
		0: "850STL25.0100000\x9ander " + strings.Repeat("x", 26) + " ", 224: strings.Repeat(" ", 12) + "0000002" + "00001" + "001" + "992310000000025000000" + "11   ",
		1024: "\x00\x01\x00\x00\x00\x19\x00\x00\x00\x63\x3b\x3b\x18\x17\x02\x00\x80A\x81: \xc2e\xc2e", 1024 + 128: "\x00\x01\x00\xff",
	} {
		if got := out[at:min(len(out), at+len(want))]; got != want {
			t.Errorf("at %d: %q, want %q", at, got, want)
		}
	}
	if len(out) != 1024+2*128 {
		t.Errorf("%d bytes", len(out))
	}
}

// TestSTLLong: what is too long for a subtitle goes into another one.
func TestSTLLong(t *testing.T) {
	for text, between := range map[string]string{strings.Repeat("é", MaxTextLength): "", strings.Repeat(" žluť", MaxTextLength/5)[1:]: " "} {
		in := Transcript{[]Segment{FromText("Ann", 0, 1000, text), FromText("Bo", 400, 800, "b")}}
		got, err := Parse(STL, []byte(written(t, STL, in, Options{})))
		if err != nil || len(got.Segments) != 3 {
			t.Fatalf("%d segments, %v", len(got.Segments), err)
		}
		a, b := got.Segments[0], got.Segments[1]
		if text != a.Text()+between+b.Text() || a.Speaker != "Ann" || b.Speaker != "Ann" || b.End != 1000 {
			t.Errorf("%d and %d characters by %s and %s", len(a.Text()), len(b.Text()), a.Speaker, b.Speaker)
		}
	}
}

func TestSTLCountsEnd(t *testing.T) {
	var in Transcript
	long := FromText("", 0, 0, strings.Repeat("é", MaxTextLength))
	for range 300 {
		in.Segments = append(in.Segments, long)
	}
	out := written(t, STL, in, Options{})
	if got := out[238:248]; got != "9999900600" {
		t.Errorf("counts %s", got)
	}
	if got := out[len(out)-ttiSize:][:4]; got != "\x00\x58\x02\xff" {
		t.Errorf("the last of 600 subtitles begins %q", got)
	}
	if got, err := parseSTL([]byte(out)); err != nil || len(got.Segments) != 600 {
		t.Errorf("%d segments, %v", len(got.Segments), err)
	}
}

// stlOf is a file: a head with so many frames a second and a start of the
// programme, and blocks as block makes them.
func stlOf(rate, start string, blocks ...[]byte) []byte {
	head := bytes.Repeat([]byte{' '}, gsiSize)
	copy(head, "850STL"+rate+".01000")
	copy(head[238:], "00001")
	copy(head[256:], start)
	return append(head, bytes.Join(blocks, nil)...)
}

func ttiBlock(number, extension, comment byte, in, out [4]byte, text string) []byte {
	b := append([]byte{0, number, 0, extension, 0}, in[:]...)
	b = append(append(b, out[:]...), 20, 2, comment)
	b = append(b, text...)
	return append(b, bytes.Repeat([]byte{stlUnused}, ttiSize-len(b))...)
}

func TestParseSTL(t *testing.T) {
	at := func(h, m, s, f byte) [4]byte { return [4]byte{h, m, s, f} }
	one := ttiBlock(0, 0xff, 0, at(10, 0, 1, 0), at(10, 0, 2, 15), "\x0b\x0bHello\x8a\x8a\x02world\x80!\x81\x0a\x0a")
	for _, test := range []struct {
		name string
		in   []byte
		want []Segment
	}{
		{"from the start of the programme", stlOf("25", "10000000", one), []Segment{FromText("", 1000, 2600, "Hello\nworld!")}},
		{"a subtitle before the start", stlOf("25", "10000100", one, ttiBlock(1, 0xff, 0, at(10, 0, 0, 24), at(10, 0, 1, 1), "a")),
			[]Segment{FromText("", 36_000_960, 36_001_040, "a"), FromText("", 36_001_000, 36_002_600, "Hello\nworld!")}},
		{"no start", stlOf("30", "", one), []Segment{FromText("", 36_001_000, 36_002_500, "Hello\nworld!")}},
		{"30 frames", stlOf("30", "00000000", ttiBlock(0, 0xff, 0, at(0, 0, 0, 1), at(0, 0, 0, 29), "a")), []Segment{FromText("", 33, 967, "a")}},
		{"comments and user data", stlOf("25", "", ttiBlock(0, 0xff, 1, at(9, 99, 0, 0), at(0, 0, 0, 0), "no"), ttiBlock(0, 0, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "a"),
			ttiBlock(0, 0xfe, 0, at(0, 0, 0, 0), at(0, 0, 0, 0), "no"), ttiBlock(0, 0xff, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "b")), []Segment{FromText("", 1000, 2000, "ab")}},
		{"a last block that is missing", stlOf("25", "", ttiBlock(0, 0, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "a"), ttiBlock(1, 0, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "b")),
			[]Segment{FromText("", 1000, 2000, "a"), FromText("", 1000, 2000, "b")}},
		{"a number in another group", stlOf("25", "", ttiBlock(0, 0, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "a"), append([]byte{1}, ttiBlock(0, 0xff, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "b")[1:]...)),
			[]Segment{FromText("", 1000, 2000, "a"), FromText("", 1000, 2000, "b")}},
		{"23.976 frames", stlOf("23", "", ttiBlock(0, 0xff, 0, at(0, 0, 1, 23), at(0, 0, 2, 0), "a")), []Segment{FromText("", 1958, 2000, "a")}},
		{"more after the last block", append(stlOf("25", "", ttiBlock(0, 0xff, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "$ \xa4 \xa8 \xc9u \xc2  \xc1q \xe5")), 0x1a),
			[]Segment{FromText("", 1000, 2000, "$ $ ¤ ü ´ q\u0300 \ufffd")}},
		{"italics that name nobody", stlOf("25", "", ttiBlock(0, 0xff, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "\x80\x81: a"), ttiBlock(0, 0xff, 0, at(0, 0, 1, 0), at(0, 0, 2, 0), "\x80off\x81 b")),
			[]Segment{FromText("", 1000, 2000, ": a"), FromText("", 1000, 2000, "off b")}},
		{"nothing", stlOf("25", ""), nil},
	} {
		got, err := Parse(STL, test.in)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		} else if diff := cmp.Diff(test.want, got.Segments); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestParseSTLRefuses(t *testing.T) {
	ok := ttiBlock(0, 0xff, 0, [4]byte{}, [4]byte{}, "a")
	for name, test := range map[string]struct {
		in   []byte
		want string
	}{
		"empty":          {nil, ""},
		"an SRT":         {bytes.Repeat([]byte("1\n00:00:01,000 --> 00:00:02,000\nx\n\n"), 50), ""},
		"rate":           {stlOf("99", ""), ""},
		"no rate":        {stlOf("xx", ""), ""},
		"cut off":        {stlOf("25", "", ok)[:1024+127], "block 1"},
		"backwards":      {stlOf("25", "", ok, ttiBlock(1, 0xff, 0, [4]byte{0, 0, 1, 0}, [4]byte{}, "a")), "block 2"},
		"frame 25 of 25": {stlOf("25", "", ttiBlock(0, 0xff, 0, [4]byte{0, 0, 0, 25}, [4]byte{0, 0, 2, 0}, "a")), "block 1"},
		"100 hours":      {stlOf("25", "", ok, ttiBlock(1, 0xff, 0, [4]byte{}, [4]byte{100, 0, 0, 0}, "a")), "block 2"},
		"long":           {stlOf("25", "", bytes.Repeat(ttiBlock(0, 0, 0, [4]byte{}, [4]byte{}, strings.Repeat("a", ttiText)), 200)), "block 1"},
		"many":           {stlOf("25", "", bytes.Repeat(ok, MaxSegments+1)), "block 50001"},
	} {
		_, err := Parse(STL, test.in)
		if e := (*Error)(nil); !errors.As(err, &e) || e.At != test.want {
			t.Errorf("%s: %v, want an error at %q", name, err, test.want)
		}
	}
}

func FuzzSTL(f *testing.F) {
	var seeds []string
	for _, tr := range stlWorthy() {
		seeds = append(seeds, written(f, STL, tr, Options{}))
	}
	seeds = append(seeds, string(stlOf("30", "00000100", ttiBlock(0, 0, 0, [4]byte{0, 0, 1, 1}, [4]byte{0, 0, 2, 0}, "\x80A\x81: \xc2"), ttiBlock(0, 0xff, 0, [4]byte{}, [4]byte{}, "e\x0b\x8a"))))
	fuzz(f, STL, seeds...)
}
