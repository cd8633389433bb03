package pair

import (
	"strings"
	"testing"

	"latchkey/shared/fault"
)

func TestCode(t *testing.T) {
	for tag, want := range map[string]string{
		"en": "en", "en-US": "en", "EN-gb": "en", "fr-CA": "fr-CA", "fr-ca": "fr-CA", "fr-BE": "fr", "pt-BR": "pt", "pt-PT": "pt-PT", "es-MX": "es-MX", "es-419": "es",
		"zh-CN": "zh", "zh-Hans-CN": "zh", "zh-Hant": "zh-TW", "zh-Hant-HK": "zh-TW", "zh-TW": "zh-TW", "yue": "zh-TW", "cmn": "zh", "cmn-TW": "zh-TW", "es-en": "es", "nb": "no", "nn-NO": "no", "fil-PH": "tl", "fa-AF": "fa-AF",
		"tlh": "", "": "", "-": "", "x-klingon": "",
	} {
		if got := Code(tag); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	if len(codes) != 75 {
		t.Errorf("%d languages", len(codes))
	}
}

func TestSupports(t *testing.T) {
	for _, tt := range []struct{ from, to, says string }{
		{"en", "es", ""}, {"de-CH", "ja", ""}, {"es", "es-MX", ""},
		{"en-US", "en-GB", "Possible are: af, "}, {"en", "tlh", "zh-TW"}, {"tlh", "en", "there is no translation from tlh"},
	} {
		err := Pairs{}.Supports(tt.from, tt.to)
		if tt.says == "" && err != nil || tt.says != "" && (!fault.Is(err, fault.Invalid) || fault.As(err).Field != "language" || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s to %s: %v", tt.from, tt.to, err)
		}
	}
	if err := (Pairs{}).Supports("en", "en"); strings.Contains(err.Error(), " en,") {
		t.Error(err)
	}
}
