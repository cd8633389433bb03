package dialect

import (
	"net/http"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/lambdahttp"
	"latchkey/shared/share"
)

// claimCookie holds the claim that a browser may repeat. Its path is the
// link's own, so each link has one.
const claimCookie = "latchkey_claim"

// Visit is what a request tells of who follows a link. A browser's claim
// counts only when it repeats a navigation or resumes a download: a plain
// client's every request is a use of its own.
func Visit(r *http.Request) share.Visit {
	from := lambdahttp.Request(r.Context())
	v := share.Visit{
		RequestID: from.Invocation, From: from.SourceIP, Agent: r.UserAgent(),
		Automatic: automatic(r),
	}
	if r.Header.Get("Sec-Fetch-Mode") == "navigate" || r.Header.Get("Range") != "" {
		v.Repeat = HeldClaim(r)
	}
	return v
}

// HeldClaim is the claim that the browser was given for this link, or "".
func HeldClaim(r *http.Request) share.Claim {
	c, err := r.Cookie(claimCookie)
	if err != nil {
		return ""
	}
	return share.Claim(c.Value)
}

// InAdvance is the fault of a prefetch on a link whose use would be spent. A
// Face makes it 403: that makes a browser forget the prefetch and ask again
// when the link is really wanted, where a 2xx could be kept and shown. A 5xx
// would do that too, and let anybody raise the alarm of server errors.
const InAdvance fault.Kind = "in advance"

// ClaimCookies returns the cookie that lets a browser repeat a use, if the
// use was one of a limited number.
func ClaimCookies(r *http.Request, g share.Grant, secure bool) []*http.Cookie {
	if g.Claim == "" {
		return nil
	}
	return []*http.Cookie{{
		Name: claimCookie, Value: string(g.Claim), Path: r.URL.EscapedPath(), Expires: g.ClaimUntil,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}}
}

// OtherSite reports whether a browser says that another site sent the form.
// No-referrer makes its Origin null, so only this header tells.
func OtherSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}

// automatic guesses whether a program rather than a person makes a request.
// It labels the audit trail and decides nothing.
func automatic(r *http.Request) bool {
	agent := strings.ToLower(r.UserAgent())
	for _, word := range []string{"bot", "crawl", "spider", "preview", "scan", "monitor", "headless", "proofpoint", "safelinks"} {
		if strings.Contains(agent, word) {
			return true
		}
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode != "navigate"
	}
	return !strings.HasPrefix(agent, "mozilla/")
}
