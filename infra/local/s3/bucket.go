package s3

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// prepare makes the bucket and its CORS rules through the front door, which
// also proves that the server answers.
func prepare(ctx context.Context, c Config) error {
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String("http://" + c.Addr),
		UsePathStyle: true,
		Region:       c.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, ""),
	})
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &c.Bucket})
	if _, owned := errors.AsType[*types.BucketAlreadyOwnedByYou](err); err != nil && !owned {
		return fmt.Errorf("s3: create bucket %s: %w", c.Bucket, err)
	}
	if c.CORSOrigin == "" {
		return nil
	}
	_, err = client.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: &c.Bucket, CORSConfiguration: cors(c.CORSOrigin)})
	if err != nil {
		return fmt.Errorf("s3: cors of bucket %s: %w", c.Bucket, err)
	}
	return nil
}

// cors allows what a page needs to upload (by form, by PUT, in parts, whose
// ETags it must read) and to play media.
func cors(origin string) *types.CORSConfiguration {
	return &types.CORSConfiguration{CORSRules: []types.CORSRule{{
		AllowedOrigins: []string{origin},
		AllowedMethods: []string{"GET", "HEAD", "PUT", "POST"},
		AllowedHeaders: []string{"*"},
		ExposeHeaders:  []string{"ETag", "Content-Range", "Accept-Ranges"},
		MaxAgeSeconds:  aws.Int32(3600),
	}}}
}
