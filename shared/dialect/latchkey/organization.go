package latchkey

import (
	"context"
	"net/http"
	"strconv"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
)

func (a API) organization(ctx context.Context, who account.Principal, _ struct{}) (account.Organization, error) {
	return a.Accounts.Organization(ctx, who)
}

func writeOrganization(_ *http.Request, o account.Organization) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, organizationJSON{
		ID: o.ID, Name: o.Name, Standing: string(o.Standing), Keywords: append([]string{}, o.Keywords...), CreatedAt: stampOf(o.CreatedAt),
	})
}

func readOrganizationChange(r *http.Request) (c account.OrganizationChange, err error) {
	if _, err := query(r); err != nil {
		return c, err
	}
	o, err := dialect.ReadJSON(r)
	if err != nil {
		return c, err
	}
	if err := unknown(o, "", "name", "standing", "keywords"); err != nil {
		return c, err
	}
	if len(o) == 0 {
		return c, fault.New(fault.Missing, "nothing to change: give name, standing or keywords")
	}
	if c.Name, err = given(o, "name"); err != nil {
		return c, err
	}
	standing, err := given(o, "standing")
	if err != nil {
		return c, err
	}
	c.Standing = (*account.Standing)(standing)
	c.Keywords, err = texts(o, "keywords")
	return c, err
}

// given returns a string field, or nil when it is absent; null is no string.
func given(o dialect.Object, name string) (*string, error) {
	if _, ok := o[name]; !ok {
		return nil, nil
	}
	s, ok, err := o.String(name, name)
	if err == nil && !ok {
		err = fault.Field(fault.Invalid, name, "must be a string")
	}
	return &s, err
}

// texts returns an array of strings, or nil when it is absent; null is none.
func texts(o dialect.Object, name string) (*[]string, error) {
	if _, ok := o[name]; !ok {
		return nil, nil
	}
	list, ok, err := o.Array(name, name)
	if err == nil && !ok {
		err = fault.Field(fault.Invalid, name, "must be an array of strings")
	}
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i, v := range list {
		if out[i], ok = v.(string); !ok {
			return nil, fault.Field(fault.Invalid, name+"["+strconv.Itoa(i)+"]", "must be a string")
		}
	}
	return &out, nil
}
