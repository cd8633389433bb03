package transcribe

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// output is what Amazon writes (Developer Guide, "Data input and output").
// Numbers are strings, and punctuation has no times.
type output struct {
	Results *struct {
		Items  []item `json:"items"`
		Labels struct {
			Segments []struct {
				Items []struct {
					Start string `json:"start_time"`
					Label string `json:"speaker_label"`
				} `json:"items"`
			} `json:"segments"`
		} `json:"speaker_labels"`
	} `json:"results"`
}

type item struct {
	Type    string `json:"type"`
	Start   string `json:"start_time"`
	End     string `json:"end_time"`
	Speaker string `json:"speaker_label"`
	Channel string `json:"channel_label"`
	Guesses []struct {
		Confidence string `json:"confidence"`
		Content    string `json:"content"`
	} `json:"alternatives"`
}

// parse makes a transcript of what Amazon wrote.
func parse(body []byte, s recording.Speech) (t transcript.Transcript, _ error) {
	var o output
	if err := json.Unmarshal(body, &o); err != nil {
		return t, fmt.Errorf("transcribe: result: %w", err)
	}
	if o.Results == nil {
		return t, fmt.Errorf("transcribe: result: there is none")
	}
	labels := map[string]string{} // by start: the items themselves did not always have them
	for _, seg := range o.Results.Labels.Segments {
		for _, it := range seg.Items {
			labels[it.Start] = it.Label
		}
	}
	var channels [][]transcript.Heard
	for _, it := range o.Results.Items {
		if len(it.Guesses) == 0 {
			continue
		}
		n := 0
		if s.PerChannel {
			n = number(it.Channel)
		}
		for len(channels) <= n {
			channels = append(channels, nil)
		}
		words := &channels[n]
		if it.Type == "punctuation" {
			if last := len(*words) - 1; last >= 0 && s.Punctuation {
				(*words)[last].Text += it.Guesses[0].Content
			}
			continue
		}
		w, err := it.word()
		if err != nil {
			return t, err
		}
		switch label := it.Speaker; {
		case s.PerChannel:
			w.Speaker = named(n, s.Speakers)
		case s.Diarization:
			if label == "" {
				label = labels[it.Start]
			}
			w.Speaker = named(number(label), nil)
		}
		if last := len(*words) - 1; last < 0 {
			w.Text = strings.TrimSpace(w.Text)
		} else {
			w.Text = transcript.Space((*words)[last].Text, w.Text) + w.Text
		}
		*words = append(*words, w)
	}
	return transcript.Written(channels...), nil
}

func (it item) word() (w transcript.Heard, err error) {
	if w.Start, err = millis(it.Start); err == nil {
		w.End, err = millis(it.End)
	}
	if err != nil {
		return w, fmt.Errorf("transcribe: result: times of %q: %w", it.Guesses[0].Content, err)
	}
	w.Text = it.Guesses[0].Content
	w.Confidence, _ = strconv.ParseFloat(it.Guesses[0].Confidence, 64) // else it is not known
	return w, nil
}

func millis(seconds string) (int64, error) {
	f, err := strconv.ParseFloat(seconds, 64)
	if err == nil && !(f >= 0 && f < 1e6) {
		err = fmt.Errorf("%q is no time", seconds)
	}
	return int64(math.Round(f * 1000)), err
}

// number is that of a label, "spk_1" or "ch_1", or 0.
func number(label string) int {
	_, digits, _ := strings.Cut(label, "_")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n >= maxLabels {
		return 0
	}
	return n
}

// named is what a speaker is called who has no name.
func named(n int, names []string) string {
	if n < len(names) && names[n] != "" {
		return names[n]
	}
	return "Speaker " + strconv.Itoa(n+1)
}
