package sonix_test

import (
	"testing"

	"latchkey/shared/transcript"
)

// contract: SX-159, SX-160, SX-161, SX-162, SX-163, SX-164, SX-165, SX-166, SX-167, SX-168, SX-169, SX-170, SX-171
func TestFolders(t *testing.T) {
	s := newSite(t)
	want(t, "none", s.owner(t, "GET /v1/folders", ""), 200, `{"folders":[{"id":"root","name":"root"}]}`)
	body, kind := multipart([3]string{"name", "", "2019 Podcasts"}, [3]string{"access_control", "", "restricted"},
		[3]string{"restricted_users[]", "", "Ann@b.test"}, [3]string{"restricted_users[]", "", "bob@b.test"})
	a := s.owner(t, "POST /v1/folders", body, "Content-Type", kind)
	want(t, "restricted", a, 200, `"name":"2019 Podcasts","access_control":"restricted","restricted_users":["ann@b.test","bob@b.test"]`)
	var f struct{ ID string }
	a.JSON(t, &f)
	want(t, "inside, by the other path", s.owner(t, "POST /v1/media/folders", `{"name":"Season 1","parent_folder":"`+f.ID+`"}`), 200, `"access_control":"internal"`)
	want(t, "misspelt", s.owner(t, "POST /v1/folders", "name=A&access_control=exernal"), 200, `"access_control":"external"`)
	want(t, "misspelt", s.owner(t, "POST /v1/folders", "name=B&access_control=interal&parent_folder=root"), 200, `"access_control":"internal"`)
	want(t, "listed", s.owner(t, "GET /v1/folders", ""), 200, `{"folders":[{"id":"root","name":"root"},`,
		`"name":"2019 Podcasts","email":"2019 Podcasts","access_control":"restricted","restricted_users":["ann@b.test","bob@b.test"]`,
		`"name":"2019 Podcasts/Season 1","email":"2019 Podcasts/Season 1","access_control":"internal"}`)
	want(t, "renamed", s.owner(t, "PUT /v1/folders/"+f.ID, "name=Interviews"), 200, `"name":"Interviews","access_control":"restricted"`)
	want(t, "opened", s.owner(t, "PUT /v1/folders/"+f.ID, `{"access_control":"internal"}`), 200, `"name":"Interviews","access_control":"internal"}`)
	for what, tt := range map[string]struct{ call, body, field string }{
		"no name":       {"POST /v1/folders", "access_control=internal", "name"},
		"a slash":       {"POST /v1/folders", "name=a/b", "name"},
		"another word":  {"POST /v1/folders", "name=a&access_control=secret", "access_control"},
		"for nobody":    {"POST /v1/folders", "name=a&access_control=restricted", "restricted_users"},
		"no address":    {"POST /v1/folders", `{"name":"a","access_control":"restricted","restricted_users":["x"]}`, "restricted_users"},
		"inside itself": {"PUT /v1/folders/" + f.ID, "parent_folder=" + f.ID, "parent_folder"},
	} {
		want(t, what, s.owner(t, tt.call, tt.body), 400, "Invalid request: "+tt.field)
	}
	want(t, "in nothing", s.owner(t, "POST /v1/folders", "name=a&parent_folder=AAAAAAAA"), 404, `"message":"Folder not found"`)
	want(t, "of nothing", s.owner(t, "PUT /v1/folders/AAAAAAAA", "name=a"), 404, `"message":"Folder not found"`)
	want(t, "with a folder", s.owner(t, "DELETE /v1/folders/"+f.ID, ""), 409, "not empty")
	var last struct{ ID string }
	s.owner(t, "POST /v1/folders", "name=Last").JSON(t, &last)
	id := s.completed(t, "In it", transcript.Transcript{})
	want(t, "moved", s.owner(t, "PUT /v1/media/"+id, "folder_id="+last.ID), 200)
	want(t, "with media", s.owner(t, "DELETE /v1/folders/"+last.ID, ""), 409, "not empty")
	want(t, "moved", s.owner(t, "PUT /v1/media/"+id, "folder_id=root"), 200)
	want(t, "empty", s.owner(t, "DELETE /v1/folders/"+last.ID, ""), 200, `{"status":204}`)
	want(t, "again", s.owner(t, "DELETE /v1/folders/"+last.ID, ""), 404, `"message":"Folder not found"`)
	want(t, "the root", s.owner(t, "DELETE /v1/folders/root", ""), 404)
}

// contract: SX-181, SX-182, SX-183, SX-184, SX-185, SX-186, SX-187, SX-188, SX-189, SX-190, SX-191, SX-192
func TestShares(t *testing.T) {
	s := newSite(t)
	id := s.completed(t, "Phone Call", transcript.Transcript{})
	want(t, "none", s.owner(t, "GET /v1/media/"+id+"/shares", ""), 200, `{"shares":[]}`)
	body, kind := multipart([3]string{"email", "", "ann@b.test"}, [3]string{"notes", "", "Can you edit this by 7pm tonight?"}, [3]string{"can_edit", "", "true"})
	want(t, "shared", s.owner(t, "POST /v1/media/"+id+"/share", body, "Content-Type", kind), 200, `{"email":"ann@b.test","can_edit":true}`)
	want(t, "another", s.owner(t, "POST /v1/media/"+id+"/shares", `{"email":"bob@b.test"}`), 200, `{"email":"bob@b.test","can_edit":false}`)
	letters := s.Post.Letters()
	if len(letters) != 2 || letters[0].Message != "Can you edit this by 7pm tonight?" || letters[0].To != "ann@b.test" {
		t.Errorf("%+v", letters)
	}
	want(t, "listed", s.owner(t, "GET /v1/media/"+id+"/shares", ""), 200, `{"shares":[{"email":"ann@b.test","can_edit":true},{"email":"bob@b.test","can_edit":false}]}`)
	want(t, "overwritten", s.owner(t, "POST /v1/media/"+id+"/shares", "email=ANN@b.test&can_edit=false"), 200, `"can_edit":false`)
	if n := len(s.Post.Letters()); n != 3 {
		t.Errorf("%d letters", n)
	}
	want(t, "listed once", s.owner(t, "GET /v1/media/"+id+"/share", ""), 200, `[{"email":"ann@b.test","can_edit":false},`)
	for what, tt := range map[string]struct{ body, field string }{
		"nobody": {"can_edit=true", "email"}, "no address": {"email=x", "email"}, "neither": {"email=a@b.test&can_edit=perhaps", "can_edit"},
	} {
		want(t, what, s.owner(t, "POST /v1/media/"+id+"/shares", tt.body), 400, "Invalid request: "+tt.field)
	}
	want(t, "all of them", s.owner(t, "DELETE /v1/media/"+id+"/shares", ""), 400, "Invalid request: email")
	want(t, "ended", s.owner(t, "DELETE /v1/media/"+id+"/shares", "email=ann@B.test"), 200, `{"status":204}`)
	want(t, "again", s.owner(t, "DELETE /v1/media/"+id+"/shares", "email=ann@b.test"), 404, `"message":"Share not found"`)
	want(t, "one left", s.owner(t, "GET /v1/media/"+id+"/shares", ""), 200, `{"shares":[{"email":"bob@b.test","can_edit":false}]}`)
}
