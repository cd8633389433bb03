package account_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fault"
)

// columns are all operations, in the order of the table's columns.
var columns = []struct {
	op   account.Operation
	name string
}{
	{account.ReadFiles, "read files"}, {account.WriteFiles, "write files"},
	{account.ReadLinks, "read links"}, {account.WriteLinks, "write links"},
	{account.ReadAudit, "read the audit trail"},
	{account.ReadRecordings, "read recordings"}, {account.EditRecordings, "edit recordings"}, {account.WriteRecordings, "write recordings"},
	{account.WriteFolders, "write folders"},
	{account.ReadDocuments, "read documents"}, {account.ShareFiles, "share files"}, {account.DecideShares, "decide who may join"},
	{account.ReadUsers, "read users"}, {account.ManageUsers, "manage users"},
	{account.ManageKeys, "manage keys"}, {account.ManageWebhooks, "manage webhooks"}, {account.ManageOrganization, "manage the organization"},
}

// rows is what each role may do, all of it: files, links, audit, recordings,
// folders, documents, shares with persons, users, keys, webhooks, organization.
var rows = map[account.Role]string{
	//                         files links audit recordings folders documents shares users keys hooks org
	account.Admin:             "rw    rw    r     rew        w       r         sd     rm    m    m     m",
	account.Producer:          "rw    rw    r     rew        w       -         --     r-    -    -     -",
	account.TeamLead:          "rw    rw    r     rew        w       -         --     r-    -    -     -",
	account.Editor:            "r-    r-    -     re-        -       -         --     r-    -    -     -",
	account.TeamMember:        "rw    rw    -     rew        -       -         --     r-    -    -     -",
	account.Member:            "rw    rw    -     rew        -       -         --     r-    -    -     -",
	account.IndividualMember:  "rw    rw    -     rew        -       -         --     r-    -    -     -",
	account.ViewOnly:          "r-    r-    -     r--        -       -         --     r-    -    -     -",
	account.BillingAdmin:      "--    --    -     ---        -       -         --     r-    -    -     -",
	account.Disabled:          "--    --    -     ---        -       -         --     --    -    -     -",
	account.ExternalEditor:    "--    --    -     re-        -       -         --     --    -    -     -",
	account.ExternalViewer:    "--    --    -     r--        -       -         --     --    -    -     -",
	account.ProducerAdmin:     "rw    --    -     ---        -       r         sd     --    -    -     -",
	account.ProducerUser:      "rw    --    -     ---        -       r         s-     --    -    -     -",
	account.SalesAgent:        "r-    --    -     ---        -       -         s-     --    -    -     -",
	account.ManufacturerAdmin: "rw    --    -     ---        -       r         --     --    -    -     -",
	account.ManufacturerUser:  "rw    --    -     ---        -       r         --     --    -    -     -",
	account.Technician:        "--    --    -     ---        -       -         --     --    -    -     -",
	"":                        "--    --    -     ---        -       -         --     --    -    -     -",
	"owner":                   "--    --    -     ---        -       -         --     --    -    -     -",
	"Admin":                   "--    --    -     ---        -       -         --     --    -    -     -", // ParseRole is for people
}

// What each role may do, all of it.
//
// contract: SX-175, SX-177
func TestRoles(t *testing.T) {
	for role, row := range rows {
		row = strings.ReplaceAll(row, " ", "")
		if len(row) != len(columns) {
			t.Fatalf("%q has %d columns, want %d", role, len(row), len(columns))
		}
		for i, c := range columns {
			want := row[i] != '-'
			err := account.Principal{Role: role}.Require(c.op)
			if got := role.May(c.op); got != want || (err == nil) != want {
				t.Errorf("%q may %s: %v, %v", role, c.name, got, err)
			}
			if !want && (!fault.Is(err, fault.Forbidden) || !strings.HasSuffix(err.Error(), "may not "+c.name)) {
				t.Errorf("%q may not %s: %v", role, c.name, err)
			}
		}
		if role.May(0) {
			t.Errorf("%q may do what is no operation", role)
		}
	}
	if len(rows) != len(account.Roles())+3 {
		t.Errorf("the table has %d rows for %d roles", len(rows), len(account.Roles()))
	}
	for _, role := range account.Roles() {
		if _, ok := rows[role]; !ok {
			t.Errorf("the table lacks %q", role)
		}
		if role.May(account.WriteRecordings) && !role.May(account.EditRecordings) {
			t.Errorf("%q writes recordings and may not edit them", role)
		}
	}
}

// contract: SX-176
func TestParseRole(t *testing.T) {
	for _, role := range account.Roles() {
		for _, name := range []string{string(role), strings.ToUpper(string(role)), strings.ToUpper(string(role)[:1]) + string(role)[1:]} {
			if got, ok := account.ParseRole(name); !ok || got != role {
				t.Errorf("%q is %q, %v", name, got, ok)
			}
		}
	}
	for _, bad := range []string{"", " admin", "owner", "admin,producer", "team lead", "adm\u0131n"} {
		if got, ok := account.ParseRole(bad); ok || got != "" {
			t.Errorf("%q is %q", bad, got)
		}
	}
}

// The table for people says what the table says.
func TestTheTableOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "<!-- roles -->\n")
	got, _, ok := strings.Cut(rest, "<!-- /roles -->")
	if !ok {
		t.Fatal("README.md has no table of roles")
	}
	if diff := cmp.Diff(readmeTable(), got); diff != "" {
		t.Errorf("README.md's table of roles (-want +got):\n%s", diff)
	}
}

// readmeTable is the table in Markdown, a row for roles that may do the same.
func readmeTable() string {
	groups := []struct {
		name  string
		words []string // what each operation of the group is called in a cell
	}{
		{"files", []string{"read", "write"}}, {"links", []string{"read", "write"}}, {"audit trail", []string{"read"}},
		{"recordings", []string{"read", "edit", "write"}}, {"folders", []string{"write"}},
		{"documents", []string{"read"}}, {"shares with persons", []string{"share", "decide"}},
		{"users", []string{"read", "manage"}}, {"keys, webhooks, organization", []string{"manage", "", ""}},
	}
	var b strings.Builder
	b.WriteString("| role |")
	for _, g := range groups {
		b.WriteString(" " + g.name + " |")
	}
	b.WriteString("\n|" + strings.Repeat("---|", len(groups)+1) + "\n")
	var names []string
	for i, role := range account.Roles() {
		names = append(names, "`"+string(role)+"`")
		if i+1 < len(account.Roles()) && same(role, account.Roles()[i+1]) {
			continue
		}
		b.WriteString("| " + strings.Join(names, ", ") + " |")
		names = nil
		at := 0
		for _, g := range groups {
			var may []string
			for _, word := range g.words {
				if word != "" && role.May(columns[at].op) {
					may = append(may, word)
				}
				at++
			}
			b.WriteString(" " + strings.Join(may, ", ") + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func same(a, b account.Role) bool {
	for _, c := range columns {
		if a.May(c.op) != b.May(c.op) {
			return false
		}
	}
	return a.External() == b.External()
}
