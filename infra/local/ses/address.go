package ses

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"latchkey/infra/local/inbox"
)

const (
	simulator  = "simulator.amazonses.com"
	throttling = "throttle.localhost"
)

// verdict is what becomes of a mail to some recipients: a state of the inbox,
// or a bulk status with its error.
type verdict struct {
	state  string
	status string
	reason string
}

func (d destination) all() []string {
	return slices.Concat(d.ToAddresses, d.CcAddresses, d.BccAddresses)
}

// judge looks at all recipients of one mail. The worst address decides, as
// SES sends one message to all of them.
func (d destination) judge() verdict {
	all := d.all()
	if len(all) == 0 {
		return verdict{status: "INVALID_PARAMETER", reason: "Missing destination"}
	}
	v := verdict{state: inbox.Delivered}
	for _, a := range all {
		parsed, err := parseAddress(a)
		if err != nil {
			return verdict{status: "INVALID_PARAMETER", reason: words(err)}
		}
		if w := judgeAddress(parsed); w.state != inbox.Delivered {
			v = w
		}
		if v.status != "" {
			return v
		}
	}
	return v
}

func judgeAddress(address string) verdict {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	switch domain {
	case "reject.localhost":
		return verdict{status: "MESSAGE_REJECTED", reason: "Email address is rejected by this endpoint"}
	case throttling:
		return verdict{status: "ACCOUNT_THROTTLED", reason: "Maximum sending rate exceeded."}
	case simulator:
		local, _, _ = strings.Cut(local, "+")
		return verdict{state: simulated(local)}
	default:
		return verdict{state: inbox.Delivered}
	}
}

// again reports whether a mail to some recipients is to be put off once, and
// was.
func (e *endpoint) again(d destination) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	again := false
	for _, a := range d.all() {
		a = strings.ToLower(a)
		local, domain, _ := strings.Cut(a, "@")
		if name, _, _ := strings.Cut(local, "+"); domain == throttling && name == "once" {
			again, e.seen[a] = e.seen[a], true
		}
	}
	return again
}

func simulated(local string) string {
	switch local {
	case "bounce":
		return inbox.Bounced
	case "complaint":
		return inbox.Complained
	case "suppressionlist":
		return inbox.Suppressed
	default:
		return inbox.Delivered
	}
}

// parseAddress returns the bare address. Both of its parts must be ASCII: SES
// takes an internationalised domain only in Punycode, and no such local part.
func parseAddress(s string) (string, error) {
	if strings.ContainsAny(s, "\r\n") {
		return "", badRequest("Illegal address")
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		if !strings.Contains(s, "@") {
			return "", badRequest("Missing final '@domain'")
		}
		return "", badRequest("Illegal address")
	}
	at := strings.LastIndexByte(a.Address, '@')
	if !ascii(a.Address[:at]) {
		return "", badRequest("Local address contains control or whitespace")
	}
	if !domainPattern.MatchString(a.Address[at+1:]) {
		return "", badRequest("Domain contains illegal character")
	}
	return a.Address, nil
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

var domainPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_.@-]{1,256}$`)

// checkSender refuses what SES refuses about a whole call.
func checkSender(from string, replyTo []string, tags ...[]nameValue) error {
	if from == "" {
		return badRequest("Missing required field FromEmailAddress")
	}
	for _, a := range append([]string{from}, replyTo...) {
		if _, err := parseAddress(a); err != nil {
			return err
		}
	}
	for _, t := range slices.Concat(tags...) {
		if !tagPattern.MatchString(t.Name) || !tagPattern.MatchString(t.Value) {
			return badRequest("Invalid tag <%s>: only alphanumeric ASCII characters, '_', '-', '.' and '@' are allowed.", t.Name)
		}
	}
	return nil
}
