package sonix

import (
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
)

// languages are the codes of the text's table. Any may be followed by a
// region, as in en-GB.
var languages = func() map[string]bool {
	m := map[string]bool{}
	for _, code := range strings.Fields(`
		en fr de es es-en ar hy ba eu be bg bn ca hr yue cmn cs da nl et fi el he hi hu id it ja ko lv lt ms mr mn no fa pl pt ro ru sr sk sl sv sw
		ta th tl tr ug uk ur vi cy`) {
		m[code] = true
	}
	return m
}()

// language returns a parameter that is a language, as it was given.
func (c call) language(name string) (string, error) {
	code, err := c.text(name)
	if err != nil {
		return "", err
	}
	if code == "" {
		return "", dialect.Missing(name)
	}
	if !isLanguage(code) {
		return "", errLanguage(name)
	}
	return code, nil
}

func errLanguage(name string) error {
	return fault.Field(fault.Invalid, name, "is not a supported language, such as en or en-GB")
}

func isLanguage(code string) bool {
	if languages[code] {
		return true
	}
	i := strings.LastIndexByte(code, '-')
	return i > 0 && languages[code[:i]] && isRegion(code[i+1:])
}

// isRegion tells the two letters of ISO 3166, or the three digits of UN M.49.
func isRegion(s string) bool {
	letters, digits := 0, 0
	for _, c := range []byte(s) {
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			letters++
		case c >= '0' && c <= '9':
			digits++
		default:
			return false
		}
	}
	return letters == 2 && digits == 0 || letters == 0 && digits == 3
}
