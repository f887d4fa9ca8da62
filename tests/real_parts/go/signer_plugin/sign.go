package main

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

const jws = "application/jose+json"

// The ARN of a signing profile: account and name. That of a profile's version is no key, although
// the message below speaks of it: so it is with the real plugin.
var profileARN = regexp.MustCompile(`^arn:aws[a-z-]*:signer:[a-z0-9-]+:([0-9]{12}):/signing-profiles/([a-zA-Z0-9_]{2,64})$`)

func (signerPlugin) GenerateEnvelope(ctx context.Context, request *plugin.GenerateEnvelopeRequest) (*plugin.GenerateEnvelopeResponse, error) {
	if request.SignatureEnvelopeType != jws {
		return nil, plugin.NewUnsupportedError(`envelope type "` + request.SignatureEnvelopeType + `"`)
	}
	if request.ExpiryDurationInSeconds != 0 {
		return nil, plugin.NewValidationError("-e (--expiry) argument is not supported: the signing profile sets the expiry")
	}
	profile := profileARN.FindStringSubmatch(request.KeyID)
	if profile == nil {
		return nil, plugin.NewValidationErrorf("%q is not a valid signing profile or signing profile version ARN", request.KeyID)
	}
	client, err := newClient(ctx, request.PluginConfig)
	if err != nil {
		return nil, err
	}
	signed, err := client.SignPayload(ctx, &signer.SignPayloadInput{
		Payload:       request.Payload,
		PayloadFormat: aws.String(request.PayloadType),
		ProfileOwner:  aws.String(profile[1]),
		ProfileName:   aws.String(profile[2]),
	})
	if err != nil {
		return nil, asPluginError(err)
	}
	return &plugin.GenerateEnvelopeResponse{
		SignatureEnvelope:     signed.Signature,
		SignatureEnvelopeType: request.SignatureEnvelopeType,
		Annotations:           signed.Metadata,
	}, nil
}
