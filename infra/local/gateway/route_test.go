package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const pets = `
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Timeout: 10, Tags: { stage: !Ref Stage } }
Conditions:
  Prod: !Equals [!Ref Stage, prod]
Resources:
  Pets:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: makefile }
    Properties:
      Environment:
        Variables:
          BUCKET: !Sub '${Bucket.Arn}/*'
          TABLE: !GetAtt Table.Arn
          WHO: !If [Prod, !Ref A, !Join ['-', [a, !Ref B]]]
      Policies:
        - Statement:
            - Effect: Allow
              Action: [s3:GetObject]
              Resource: !Sub 'arn:${AWS::Partition}:s3:::${Bucket}/*'
      Events:
        One: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: get, Path: /pets/dog/1 } }
        Named: { Type: HttpApi, Properties: { Method: GET, Path: '/pets/dog/{id}' } }
        Rest:
          Type: HttpApi
          Properties:
            ApiId: !Ref Api
            Method: GET
            Path: /pets/{proxy+}
            TimeoutInMillis: !Ref Timeout
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn } }
  Others:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        All: { Type: HttpApi, Properties: { Method: ANY, Path: '/{proxy+}' } }
        Exact: { Type: HttpApi, Properties: { Method: ANY, Path: /pets } }
        Post: { Type: HttpApi, Properties: { Method: POST, Path: /pets } }
        Owner: { Type: HttpApi, Properties: { Method: ANY, Path: '/owners/{owner}/pets/{pet}' } }
  Table:
    Type: AWS::DynamoDB::Table
    Properties: { Events: none, TableName: !Sub '${Stage}-table' }
`

const withDefault = pets + `
  Catch:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Default: { Type: HttpApi }
`

// The first four are the examples of API Gateway's own documentation.
func TestMatch(t *testing.T) {
	type got struct {
		Key, Function string
		Vars          map[string]string
	}
	tests := []struct {
		name, template, method, path string
		want                         got
	}{
		{"full match", pets, "GET", "/pets/dog/1", got{"GET /pets/dog/1", "Pets", map[string]string{}}},
		{"full match with a variable", pets, "GET", "/pets/dog/2", got{"GET /pets/dog/{id}", "Pets", map[string]string{"id": "2"}}},
		{"greedy", pets, "GET", "/pets/cat/1", got{"GET /pets/{proxy+}", "Pets", map[string]string{"proxy": "cat/1"}}},
		{"another method falls through", pets, "POST", "/test/5", got{"ANY /{proxy+}", "Others", map[string]string{"proxy": "test/5"}}},
		{"method before ANY", pets, "POST", "/pets", got{"POST /pets", "Others", map[string]string{}}},
		{"ANY takes HEAD", pets, "HEAD", "/pets", got{"ANY /pets", "Others", map[string]string{}}},
		{"HEAD is not GET", pets, "HEAD", "/pets/dog/1", got{"ANY /{proxy+}", "Others", map[string]string{"proxy": "pets/dog/1"}}},
		{"two variables, decoded", pets, "PUT", "/owners/a%2Fb/pets/%C3%A4%20?", got{"ANY /owners/{owner}/pets/{pet}", "Others", map[string]string{"owner": "a/b", "pet": "ä ?"}}},
		{"empty variable", pets, "PUT", "/owners//pets/1", got{"ANY /{proxy+}", "Others", map[string]string{"proxy": "owners//pets/1"}}},
		{"trailing slash is another path", pets, "GET", "/pets/dog/1/", got{"GET /pets/{proxy+}", "Pets", map[string]string{"proxy": "dog/1/"}}},
		{"escaped literal", pets, "GET", "/pets/d%6Fg/1", got{"GET /pets/dog/1", "Pets", map[string]string{}}},
		{"greedy needs something", pets, "GET", "/", got{}},
		{"default comes last", withDefault, "GET", "/", got{"$default", "Catch", nil}},
		{"default does not win", withDefault, "GET", "/x", got{"ANY /{proxy+}", "Others", map[string]string{"proxy": "x"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			routes, err := readRoutes([]byte(tt.template))
			if err != nil {
				t.Fatal(err)
			}
			r, vars, ok := match(routes, tt.method, tt.path)
			if ok != (tt.want.Key != "") {
				t.Errorf("ok = %v", ok)
			}
			if diff := cmp.Diff(tt.want, got{r.key, r.function, vars}); diff != "" {
				t.Errorf("route (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewReportsEverything(t *testing.T) {
	const twice = `
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties: { Events: { X: { Type: HttpApi, Properties: { Method: any, Path: /x } } } }
  B:
    Type: AWS::Serverless::Function
    Properties: { Events: { X: { Type: HttpApi, Properties: { Method: ANY, Path: /x } } } }
`
	const greedyFirst = `
Resources:
  A:
    Type: AWS::Serverless::Function
    Properties: { Events: { X: { Type: HttpApi, Properties: { Method: any, Path: '/{a+}/b' } } } }
`
	tests := []struct{ name, template, want string }{
		{"twice and missing", twice, "gateway: no function A for ANY /x\ntwo functions serve ANY /x\nno function B for ANY /x"},
		{"greedy in the middle", greedyFirst, `gateway: template: A: path "/{a+}/b": {a+} must be the last part`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(Config{Template: []byte(tt.template)})
			if err == nil || !sameLines(tt.want, err.Error()) {
				t.Errorf("err = %v, want %s", err, tt.want)
			}
		})
	}
}
