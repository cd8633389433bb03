package sweetconnect_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect/sweetconnect"
	"latchkey/shared/fake"
	"latchkey/shared/file"
)

// TestAccept: 204 without a body, the role, the welcome; 409 for who does not
// wait.
//
// contract: FF-19, FF-21, FF-24, FF-26
func TestAccept(t *testing.T) {
	s := newSite(t)
	fileID, shareID, userID := s.handed(t, "r@new.test", false)
	at, state := "POST /v1/shares/"+userID+"/accept", "GET /v1/shares/state/"+userID+"/"+shareID
	stands := func(status string) {
		t.Helper()
		want(t, status, s.as(t, "", state, ""), 200, `{"data":{"status":"`+status+`","assetId":"`+asset+`","documentId":"`+fileID+`"}}`)
	}
	stands("waiting_for_registration")
	want(t, "before they register", s.owner(t, at, `{"marketplaceRole":"technician"}`), 409, `"errorCode":"Conflict"`)
	token, err := s.Accounts.InviteToRegister(ctx, userID)
	if err == nil {
		_, err = s.Accounts.Register(ctx, token, "Rita", "correct horse battery", "192.0.2.1")
	}
	if err != nil {
		t.Fatal(err)
	}
	stands("waiting_for_admin_decision")
	for _, body := range []string{``, `{}`, `{"marketplaceRole":null}`, `{"marketplaceRole":"admin"}`, `{"marketplaceRole":"owner"}`, `{"marketplaceRole":1}`} {
		want(t, body, s.owner(t, at, body), 400, `"field":"marketplaceRole"`)
	}
	stands("waiting_for_admin_decision")
	if a := s.owner(t, "POST /api/storage/v1/shares/"+strings.ToUpper(userID)+"/accept", `{"marketplaceRole":"Technician"}`); a.Status != 204 || a.Body != "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	stands("accepted")
	want(t, "again", s.owner(t, at, `{"marketplaceRole":"technician"}`), 409)
	want(t, "declined after it", s.owner(t, "POST /v1/shares/"+userID+"/decline", ""), 409)
	u, err := s.Accounts.User(ctx, s.Admin.Organization, userID)
	if err != nil || u.State != account.Active || u.Role != account.Technician {
		t.Errorf("%+v, %v", u, err)
	}
	told := s.Post.Verdicts()
	if len(told) != 1 || !told[0].Accepted || told[0].Recipient.Email != "r@new.test" || told[0].Base != origin {
		t.Errorf("%+v", told)
	}
}

// TestDecline: the account and what they were handed are gone, and only the
// two ids still answer.
//
// contract: FF-20, FF-21, FF-24
func TestDecline(t *testing.T) {
	s := newSite(t)
	fileID, shareID, userID := s.handed(t, "r@new.test", true)
	if a := s.owner(t, "POST /v1/shares/"+userID+"/decline", `{}`); a.Status != 204 || a.Body != "" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	want(t, "again", s.owner(t, "POST /v1/shares/"+userID+"/decline", ""), 409)
	want(t, "state", s.as(t, "", "GET /v1/shares/state/"+userID, ""), 200, `{"data":[]}`)
	one := "GET /v1/shares/state/" + userID + "/" + shareID
	want(t, "state of one", s.as(t, "", one, ""), 200, `{"data":{"status":"declined","assetId":"`+asset+`","documentId":"`+fileID+`"}}`)
	want(t, "sent", s.owner(t, "GET /v1/shares", ""), 200, `"totalItems":0`)
	if told := s.Post.Verdicts(); len(told) != 1 || told[0].Accepted || told[0].Recipient.Email != "r@new.test" {
		t.Errorf("%+v", told)
	}
	if users, err := s.Accounts.Users(ctx, s.Admin); err != nil || len(users) != 1 {
		t.Errorf("%+v, %v", users, err)
	}
	want(t, "shared with anew", s.owner(t, "POST /v1/shares/"+fileID, `{"recipientEmail":"r@new.test","assetId":"`+asset+`"}`), 201)
	s.Clock.Advance(account.DeclinedFor + time.Second)
	want(t, "a month later", s.as(t, "", one, ""), 404)
}

// TestPending: what waits for one's own organization, and 403 for every other.
//
// contract: FF-22, FF-25
func TestPending(t *testing.T) {
	s := newSite(t)
	at := "GET /v1/shares/" + s.Admin.Organization + "/pending-requests"
	want(t, "nobody", s.owner(t, at, ""), 200, `{"data":[]}`)
	s.handed(t, "i@new.test", false)
	want(t, "an invited one", s.owner(t, at, ""), 200, `{"data":[]}`)
	fileID, shareID, userID := s.handed(t, "r@new.test", true)
	request := `{"shareId":"` + shareID + `","documentId":"` + fileID + `","documentName":"Manual of r@new.test.pdf","senderEmail":"admin@acme.test","senderName":"Ann Admin",` +
		`"recipientEmail":"r@new.test","recipientName":"Rita Recipient","createdAt":"2023-11-27T09:43:39.000Z"}`
	want(t, "one who waits", s.owner(t, at, ""), 200, `{"data":[{"recipientId":"`+userID+`","shares":[`+request+`]}]}`)
	want(t, "in capitals", s.owner(t, strings.Replace(at, s.Admin.Organization, strings.ToUpper(s.Admin.Organization), 1), ""), 200, shareID)
	if a := s.owner(t, "DELETE /v1/shares/"+shareID, ""); a.Status != 204 || a.Body != "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	want(t, "revoked", s.owner(t, at, ""), 200, `{"data":[{"recipientId":"`+userID+`","shares":[]}]}`)
	key, rival := s.Organization(t, "Rival", "eve@rival.test")
	foreign := s.as(t, key, at, "")
	for what, a := range map[string]fake.Answer{
		"another organization": foreign, "one that there is not": s.owner(t, "GET /v1/shares/"+nobody+"/pending-requests", ""),
		"another one": s.owner(t, "GET /v1/shares/"+rival.Organization+"/pending-requests", ""),
	} {
		want(t, what, a, 403, `"errorCode":"NoPermission","message":"You do not have permission to access this resource.","extension":{}`)
		if a.Body != foreign.Body {
			t.Errorf("%s: %s", what, a.Body)
		}
	}
	want(t, "no id", s.owner(t, "GET /v1/shares/acme/pending-requests", ""), 400, `"field":"organizationId"`)
}

// TestState: an array, always; what is shown, and to whom nothing is.
//
// contract: FF-23, FF-24, FF-25
func TestState(t *testing.T) {
	s := newSite(t)
	fileID, shareID, userID := s.handed(t, "r@new.test", true)
	_, othersShare, otherID := s.handed(t, "i@new.test", false)
	at := "GET /v1/shares/state/" + userID
	a := s.as(t, "", at, "")
	want(t, "who waits", a, 200, `{"data":[{"documentId":"`+fileID+`","documentName":"Manual of r@new.test.pdf","senderUserName":"Ann Admin","senderUserEmail":"admin@acme.test","createdAt":"2023-11-27T09:43:39.000Z"}]}`)
	foreign := s.as(t, "", strings.Replace(at, "/v1", "/api/storage/v1", 1)+"/"+othersShare, "")
	want(t, "another's share", foreign, 404)
	for _, h := range []string{"Cache-Control", "X-Robots-Tag", "Referrer-Policy"} {
		for what, a := range map[string]fake.Answer{"who waits": a, "another's share": foreign} {
			if !strings.HasPrefix(a.Header.Get(h), "no") {
				t.Errorf("%s: %s: %q", what, h, a.Header.Get(h))
			}
		}
	}
	want(t, "with a key that is none", s.as(t, "lk_none", at, ""), 200, fileID)
	want(t, "who is invited", s.as(t, "", "GET /v1/shares/state/"+otherID, ""), 200, `{"data":[]}`)
	want(t, "who was there before", s.as(t, "", "GET /v1/shares/state/"+s.Admin.User, ""), 200, `{"data":[]}`)
	unknown := s.as(t, "", "GET /v1/shares/state/"+nobody, "")
	want(t, "nobody", unknown, 404, `"errorCode":"NotFound","message":"The requested resource was not found."`)
	for what, path := range map[string]string{
		"another's share": userID + "/" + othersShare, "no share": userID + "/" + nobody, "a share of nobody": nobody + "/" + shareID, "another's, too": otherID + "/" + shareID,
	} {
		if a := s.as(t, "", "GET /v1/shares/state/"+path, ""); a.Status != 404 || a.Body != unknown.Body {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
	}
	for path, field := range map[string]string{"1": "userId", "pending-requests": "userId", "1/" + shareID: "userId", userID + "/1": "shareId"} {
		want(t, path, s.as(t, "", "GET /v1/shares/state/"+path, ""), 400, `"field":"`+field+`"`)
	}
	want(t, "revoke", s.owner(t, "DELETE /v1/shares/"+shareID, ""), 204)
	want(t, "revoked", s.as(t, "", at, ""), 200, `{"data":[]}`)
	want(t, "revoked, alone", s.as(t, "", at+"/"+shareID, ""), 404)
	want(t, "no route", s.owner(t, "GET /v1/shares/"+shareID+"/other", ""), 404)
	want(t, "no method", s.owner(t, "PUT /v1/shares/"+shareID, ""), 405, "MethodNotAllowed")
}

// TestRevoke: one's own, or any for who decides. With their last one goes who
// has not registered, and the public routes know them as little as nobody.
//
// contract: FF-23, FF-24
func TestRevoke(t *testing.T) {
	s := newSite(t)
	_, shareID, userID := s.handed(t, "r@new.test", false)
	want(t, "a colleague who sells", s.as(t, s.member(t, account.SalesAgent), "DELETE /v1/shares/"+shareID, ""), 404)
	want(t, "who may not share", s.as(t, s.member(t, account.Technician), "DELETE /v1/shares/"+shareID, ""), 403)
	want(t, "no id", s.owner(t, "DELETE /v1/shares/1", ""), 400, `"field":"shareId"`)
	producer := s.member(t, account.ProducerAdmin)
	for range 2 {
		want(t, "a producer's admin", s.as(t, producer, "DELETE /api/storage/v1/shares/"+shareID, ""), 204)
	}
	want(t, "sent", s.owner(t, "GET /v1/shares", ""), 200, `"revokedAt":"2023-`)
	unknown := s.as(t, "", "GET /v1/shares/state/"+nobody, "")
	for _, path := range []string{userID, userID + "/" + shareID} {
		if a := s.as(t, "", "GET /v1/shares/state/"+path, ""); a.Status != 404 || a.Body != unknown.Body {
			t.Errorf("state/%s: %d %s", path, a.Status, a.Body)
		}
	}
	for _, decide := range []string{"accept", "decline"} {
		want(t, decide, s.owner(t, "POST /v1/shares/"+userID+"/"+decide, `{"marketplaceRole":"technician"}`), 404)
	}
}

// TestFail: what never reaches a route has this API's body too.
//
// contract: SC-32, SC-33
func TestFail(t *testing.T) {
	for status, code := range map[int]string{400: "BadRequest", 404: "NotFound", 500: "InternalServerError"} {
		w := httptest.NewRecorder()
		sweetconnect.Fail(w, httptest.NewRequest("GET", "/v1/shares", nil), status)
		a := fake.Answer{Status: w.Code, Body: w.Body.String()}
		checkEnvelope(t, code, a)
		want(t, code, a, status, `"errorCode":"`+code+`"`)
	}
}

// TestDocumentNames: every list calls a document as its owner does.
//
// contract: FF-22, FF-23
func TestDocumentNames(t *testing.T) {
	s := newSite(t)
	f := s.upload(t, s.Admin, file.New{
		Name: "m-4711.zip", Kind: file.AssetDocument, Assets: []string{asset}, About: file.About{DisplayName: "Manual"},
	})
	want(t, "share", s.owner(t, "POST /v1/shares/"+f.ID, `{"recipientEmail":"r@new.test","assetId":"`+asset+`"}`), 201)
	want(t, "sent", s.owner(t, "GET /v1/shares", ""), 200, `"documentName":"Manual"`)
	all, _, err := s.Handovers.Sent(ctx, s.Admin, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	s.register(t, all[0].Recipient)
	want(t, "pending", s.owner(t, "GET /v1/shares/"+s.Admin.Organization+"/pending-requests", ""), 200, `"documentName":"Manual"`)
	want(t, "state", s.as(t, "", "GET /v1/shares/state/"+all[0].Recipient, ""), 200, `"documentName":"Manual"`)
}
