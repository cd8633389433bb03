package transcribe

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"

	"latchkey/shared/fault"
)

// others are languages that Amazon calls otherwise, in lower case.
var others = map[string]types.LanguageCode{
	"nb": "no-NO", "nn": "no-NO", "fil": "tl-PH", "yue": "zh-HK", "cmn": "zh-CN", "zh-hans": "zh-CN", "zh-hant": "zh-TW",
}

// most are where most speak a language that Amazon knows of several places.
var most = map[string]types.LanguageCode{
	"ar": "ar-SA", "ckb": "ckb-IQ", "de": "de-DE", "en": "en-US", "es": "es-ES", "et": "et-EE", "fr": "fr-FR", "pt": "pt-BR", "sw": "sw-KE", "zh": "zh-CN",
}

// mixed are languages that are spoken together.
var mixed = map[string][]types.LanguageCode{"es-en": {"es-US", "en-US"}}

// languagesOf are Amazon's codes for a language (BCP 47): the same, or that of
// the same language as it is spoken elsewhere; several for one that is mixed.
func languagesOf(tag string) ([]types.LanguageCode, error) {
	name := strings.ToLower(tag)
	if several := mixed[name]; several != nil {
		return several, nil
	}
	for ; name != ""; name = name[:max(strings.LastIndexByte(name, '-'), 0)] {
		if code := codeOf(name, strings.ToLower(tag)); code != "" {
			return []types.LanguageCode{code}, nil
		}
	}
	return nil, fault.New(fault.Invalid, "%q is no language that Amazon Transcribe knows", tag)
}

// codeOf is the code for a name, which is a tag or its beginning, or "".
func codeOf(name, tag string) types.LanguageCode {
	if name == "es" && tag != name { // not of Spain
		return "es-US"
	}
	if code, ok := others[name]; ok {
		return code
	}
	if code, ok := most[name]; ok {
		return code
	}
	for _, code := range types.LanguageCode("").Values() {
		if base, _, _ := strings.Cut(string(code), "-"); base == name || strings.EqualFold(string(code), name) {
			return code
		}
	}
	return ""
}
