package pocketsphinx

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestParse reads what PocketSphinx printed for a LibriVox clip, shortened.
func TestParse(t *testing.T) {
	const out = `and mr john it's how
<s> 0.000 0.140 0.999400
and(2) 0.150 0.360 0.260057
mr 0.370 0.620 1.000100
<sil> 3.910 3.930 0.553348
[NOISE] 3.940 3.950 0.5
++UH++ 3.960 3.970 0.5
it's 4.000 4.100 0.000000
w0 w1  5.570 6.030 0.863538
</s> 7.050 7.080 1.000000
`
	want := []word{{"and", 60150, 60370, 0.260057}, {"mr", 60370, 60630, 1}, {"it's", 64000, 64110, leastSure}, {"w0 w1", 65570, 66040, 0.863538}}
	if got := parse([]byte(out), span{6000, 12000}); !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	for _, none := range []string{"", "\n", "a b c d", "1.0 2.0 3.0", "\x00"} {
		if got := parse([]byte(none), span{}); len(got) > 0 {
			t.Errorf("%q: %+v", none, got)
		}
	}
}

func TestSentencesOfWords(t *testing.T) {
	words := []word{{"i", 0, 100, 1}, {"think", 100, 500, 1}, {"i'm", 1100, 1300, 1}, {"éric", 1901, 2000, 1}, {"it", 2100, 2200, 1}}
	for punctuation, want := range map[bool]string{true: "I think I'm. Éric it.", false: "I think I'm éric it"} {
		var b strings.Builder
		for _, w := range sentences(words, "Ann", punctuation) {
			b.WriteString(w.Text)
			if w.Speaker != "Ann" {
				t.Errorf("%q by %q", w.Text, w.Speaker)
			}
		}
		if b.String() != want {
			t.Errorf("%q, not %q", b.String(), want)
		}
	}
}

// TestPut: a keyword takes the place of what was not sure, or is the same.
func TestPut(t *testing.T) {
	s := &spotter{texts: map[string][]string{"w0": {"Dashwood"}, "w1 w2": {"New", "York"}}}
	words := func(sure ...float64) (all []word) {
		for i, text := range []string{"guess", "what", "and", "dash", "wood"} {
			all = append(all, word{text, int64(i) * 100, int64(i+1) * 100, sure[i]})
		}
		return all
	}
	for _, tt := range []struct {
		name  string
		words []word
		found []word
		want  string
	}{
		{"what is not sure", words(0.6, 0.5, 0.9, 0.9, 0.9), []word{{"w0", 10, 190, 0.85}}, "Dashwood 10-190 0.85, and 200-300 0.90, dash 300-400 0.90, wood 400-500 0.90"},
		{"what is sure stays", words(0.9, 0.9, 0.9, 0.9, 0.9), []word{{"w0", 10, 190, 0.85}}, "guess 0-100 0.90, what 100-200 0.90, and 200-300 0.90, dash 300-400 0.90, wood 400-500 0.90"},
		{"unless it is the same", words(1, 1, 1, 0.9, 0.94), []word{{"w0", 300, 500, 0.85}}, "guess 0-100 1.00, what 100-200 1.00, and 200-300 1.00, Dashwood 300-500 0.92"},
		{"of several words", words(0.9, 0.1, 0.1, 0.9, 0.9), []word{{"w1 w2", 100, 300, 0.85}}, "guess 0-100 0.90, New 100-185 0.85, York 185-300 0.85, dash 300-400 0.90, wood 400-500 0.90"},
		{"where nothing was heard", words(0.1, 0.1, 0.1, 0.1, 0.1)[:1], []word{{"w0", 500, 700, 0.9}}, "guess 0-100 0.10"},
		{"two, in any order", words(0.1, 0.1, 0.1, 0.1, 0.1), []word{{"w0", 300, 500, 0.9}, {"w1 w2", 0, 200, 0.9}}, "New 0-85 0.90, York 85-200 0.90, and 200-300 0.10, Dashwood 300-500 0.90"},
		{"one that nobody looks for", words(0.1, 0.1, 0.1, 0.1, 0.1)[:1], []word{{"w9", 0, 100, 0.9}}, "guess 0-100 0.10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, w := range s.put(tt.words, tt.found) {
				got = append(got, fmt.Sprintf("%s %d-%d %.2f", w.text, w.start, w.end, w.confidence))
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("%q, not %q", got, tt.want)
			}
		})
	}
}

// TestFits: the words that are asked for, and likely ones.
func TestFits(t *testing.T) {
	good := "talk S 0 T -8623 A -6938 L -1685 0 -537 -337 <sil> 218 -348 0 w0 244 -661 0 w1(2) 295 -685 -337 [NOISE] 827 -328 0 w0 857"
	names := []string{"w0", "w1", "w0"}
	said := segments([]byte(good))
	if !fits(said, names) || said[1].span != (span{244, 295}) {
		t.Errorf("%+v", said)
	}
	for name, line := range map[string]string{
		"nothing":          "",
		"no final state":   "talk S 0 T 0 A 0 L 0 0",
		"a word less":      strings.Replace(good, "w1(2)", "<sil>", 1),
		"another word":     strings.Replace(good, "w1(2)", "w7", 1),
		"an unlikely word": strings.Replace(good, "-348", "-1100", 1),
		"all unlikely":     strings.NewReplacer("-661", "-1900", "-348", "-900", "-328", "-1000").Replace(good),
		"no number":        strings.Replace(good, "295", "x", 1),
	} {
		if said := segments([]byte(line)); fits(said, names) {
			t.Errorf("%s: %+v", name, said)
		}
	}
}

func TestBare(t *testing.T) {
	for text, want := range map[string]string{"“Hello,”": "hello", "Zyzzyva’s": "zyzzyva's", "ill-disposed.": "ill-disposed", "—": "", "1984": "1984", "$3.50": "3.50", "ÉTÉ": "été"} {
		if got := bare(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := parts("ill-disposed/o'neill"); !slices.Equal(got, []string{"ill", "disposed", "o'neill"}) {
		t.Errorf("%q", got)
	}
}

// TestPhones makes the phones of mnemonics of espeak-ng 1.51.
func TestPhones(t *testing.T) {
	for line, want := range map[string]string{
		"l_'a_tS_k_i":                    "L AE CH K IY",
		"d_'a_S_w_U_d_z":                 "D AE SH W UH D Z",
		"'aI_z_I2_;_@":                   "AY Z IH AH",
		"g_'A@_r_I#_t#_i":                "G AA R IH T IY",
		"'eI_t#_i f_'o@":                 "EY T IY F AO R",
		"p_'V_N_k_tS_u:_@L":              "P AH NG K CH UW AH L",
		"n_'aI_n_t_i:_n_h_'V_n_d_r_I2_d": "N AY N T IY N HH AH N D R IH D",
		"b_Q_t":                          "",
		"":                               "",
	} {
		if got := phones(line); got != want {
			t.Errorf("%q: %q, not %q", line, got, want)
		}
	}
}
