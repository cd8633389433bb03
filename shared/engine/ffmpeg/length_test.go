package ffmpeg

import "testing"

// TestEnds: the last end of each stream, whatever the lines are cut into.
func TestEnds(t *testing.T) {
	const printed = "0,0.000000,1.000000\n1,9.000000,9.000000\n0,2.000000,1.000000,\n0,1.000000,1.000000\n2,2.5,0.25\n0,N/A,N/A\n2,3.5,N/A\nnonsense\n"
	for size := 1; size < len(printed); size += 7 {
		e := &ends{at: map[string]float64{}}
		for rest := printed; rest != ""; rest = rest[min(size, len(rest)):] {
			if n, err := e.Write([]byte(rest[:min(size, len(rest))])); err != nil || n != min(size, len(rest)) {
				t.Fatal(n, err)
			}
		}
		if e.at["0"] != 3 || e.at["1"] != 18 || e.at["2"] != 3.5 || len(e.at) != 3 {
			t.Errorf("in pieces of %d: %v", size, e.at)
		}
	}
}
