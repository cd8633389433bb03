package ffmpeg

import (
	"testing"

	"latchkey/shared/fault"
)

// TestRead: what is made of what ffprobe prints.
func TestRead(t *testing.T) {
	const sound = `{"index":1,"codec_type":"audio","channels":2}`
	for _, tt := range []struct {
		name, printed string
		want          Facts
		kind          fault.Kind
	}{
		{"a video", `{"streams":[` + sound + `,{"index":0,"codec_type":"video","width":320,"height":240}],"format":{"duration":"3.0004"}}`,
			Facts{Duration: 3000, Video: true, Channels: 2, Width: 320, Height: 240}, ""},
		{"a cover is no video", `{"streams":[` + sound + `,{"index":0,"codec_type":"video","width":320,"height":240,"disposition":{"attached_pic":1}}],"format":{"duration":"1"}}`,
			Facts{Duration: 1000, Channels: 2}, ""},
		{"a phone that was turned", `{"streams":[{"codec_type":"video","width":320,"height":240,"side_data_list":[{},{"rotation":-90}]}]}`,
			Facts{Video: true, Width: 240, Height: 320}, ""},
		{"pixels that are no squares", `{"streams":[{"codec_type":"video","width":720,"height":576,"sample_aspect_ratio":"64:45"}]}`,
			Facts{Video: true, Width: 1024, Height: 576}, ""},
		{"no pixels at all", `{"streams":[{"codec_type":"video","width":720,"height":576,"sample_aspect_ratio":"0:1"}]}`,
			Facts{Video: true, Width: 720, Height: 576}, ""},
		{"too long", `{"streams":[` + sound + `],"format":{"duration":"1e300"}}`, Facts{Duration: 359_999_999, Channels: 2}, ""},
		{"no duration", `{"streams":[` + sound + `],"format":{"duration":"N/A"}}`, Facts{Channels: 2}, ""},
		{"NaN", `{"streams":[` + sound + `],"format":{"duration":"nan"}}`, Facts{Channels: 2}, ""},
		{"no channels", `{"streams":[{"codec_type":"audio","channels":0}]}`, Facts{}, fault.Invalid},
		{"nothing", `{}`, Facts{}, fault.Invalid},
		{"no JSON", ``, Facts{}, fault.Invalid},
		{"a wall", `{"streams":[{"codec_type":"video","width":30000,"height":30000}]}`, Facts{}, fault.Invalid},
		{"a wall of narrow pixels", `{"streams":[{"codec_type":"video","width":8000,"height":8000,"sample_aspect_ratio":"1:9"}]}`, Facts{}, fault.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read([]byte(tt.printed))
			if tt.kind != "" {
				if !fault.Is(err, tt.kind) {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			got.video, got.sound = nil, nil
			if err != nil || got != tt.want {
				t.Errorf("%+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}
