package main

import (
	"context"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/signer"
	"github.com/notaryproject/notation-plugin-framework-go/plugin"
)

const (
	profileVersionAttribute = "com.amazonaws.signer.signingProfileVersion"
	jobAttribute            = "com.amazonaws.signer.signingJob"
	signingAuthority        = "notary.x509.signingAuthority"
	platform                = "Notation-OCI-SHA384-ECDSA"
)

func (signerPlugin) VerifySignature(ctx context.Context, request *plugin.VerifySignatureRequest) (*plugin.VerifySignatureResponse, error) {
	signature := request.Signature
	if signature.CriticalAttributes.SigningScheme != signingAuthority {
		return nil, plugin.NewUnsupportedError(fmt.Sprintf("%q signing scheme", signature.CriticalAttributes.SigningScheme))
	}
	if signature.CriticalAttributes.AuthenticSigningTime == nil {
		return nil, plugin.NewValidationError("missing authenticSigningTime")
	}
	version, err := attribute(signature, profileVersionAttribute)
	if err != nil {
		return nil, err
	}
	job, err := attribute(signature, jobAttribute)
	if err != nil {
		return nil, err
	}
	results := map[plugin.Capability]*plugin.VerificationResult{}
	for _, capability := range request.TrustPolicy.SignatureVerification {
		switch capability {
		case plugin.CapabilityTrustedIdentityVerifier:
			results[capability], err = checkIdentity(request.TrustPolicy.TrustedIdentities, version)
		case plugin.CapabilityRevocationCheckVerifier:
			results[capability], err = checkRevocation(ctx, request, version, job)
		default:
			err = plugin.NewUnsupportedError(fmt.Sprintf("%q capability", capability))
		}
		if err != nil {
			return nil, err
		}
	}
	return &plugin.VerifySignatureResponse{
		VerificationResults: results,
		ProcessedAttributes: []any{profileVersionAttribute, jobAttribute},
	}, nil
}

func attribute(signature plugin.Signature, key string) (string, error) {
	value, ok := signature.CriticalAttributes.ExtendedAttributes[key].(string)
	if !ok || !strings.HasPrefix(value, "arn:") {
		return "", plugin.NewValidationErrorf("unable to parse attribute %q", key)
	}
	return value, nil
}

// checkIdentity wants the profile, or this version of it, among the identities of the trust policy.
func checkIdentity(trusted []string, version string) (*plugin.VerificationResult, error) {
	if slices.Contains(trusted, "*") {
		return nil, plugin.NewValidationError("wildcard identity is not supported")
	}
	profile := version[:strings.LastIndex(version, "/")]
	for _, identity := range trusted {
		if identity == version || identity == profile {
			reason := fmt.Sprintf("Signature publisher matched \"%s\" trusted identity", identity)
			return &plugin.VerificationResult{Success: true, Reason: reason}, nil
		}
	}
	return &plugin.VerificationResult{Reason: "Signature publisher doesn't match any trusted identities"}, nil
}

// checkRevocation asks the service; an answer that did not come is told like a revocation.
func checkRevocation(ctx context.Context, request *plugin.VerifySignatureRequest, version, job string) (*plugin.VerificationResult, error) {
	hashes, err := certificateHashes(request.Signature.CertificateChain)
	if err != nil {
		return nil, err
	}
	client, err := newClient(ctx, request.PluginConfig)
	if err != nil {
		return nil, err
	}
	status, err := client.GetRevocationStatus(ctx, &signer.GetRevocationStatusInput{
		CertificateHashes:  hashes,
		JobArn:             aws.String(job),
		PlatformId:         aws.String(platform),
		ProfileVersionArn:  aws.String(version),
		SignatureTimestamp: request.Signature.CriticalAttributes.AuthenticSigningTime,
	})
	if err != nil {
		return &plugin.VerificationResult{Reason: fmt.Sprintf("GetRevocationStatus call failed with error: %v", err)}, nil
	}
	if len(status.RevokedEntities) == 0 {
		return &plugin.VerificationResult{Success: true, Reason: "Signature is not revoked"}, nil
	}
	return &plugin.VerificationResult{Reason: describeRevoked(status.RevokedEntities)}, nil
}

func describeRevoked(entities []string) string {
	var resources, said []string
	certificates := false
	for _, entity := range entities {
		if strings.HasPrefix(entity, "arn") {
			resources = append(resources, entity)
		} else {
			certificates = true
		}
	}
	if len(resources) > 0 {
		said = append(said, fmt.Sprintf("Resource(s) %s have been revoked.", strings.Join(resources, ", ")))
	}
	if certificates {
		said = append(said, "Certificate(s) have been revoked.")
	}
	return strings.Join(said, " ")
}

// certificateHashes names each certificate by its own hash and its issuer's (the root is its own).
func certificateHashes(chain [][]byte) ([]string, error) {
	var single, paired []string
	for _, raw := range chain {
		certificate, err := x509.ParseCertificate(raw)
		if err != nil {
			return nil, plugin.NewValidationErrorf("unable to parse certificate: %s", err)
		}
		sum := sha512.Sum384(certificate.RawTBSCertificate)
		single = append(single, hex.EncodeToString(sum[:]))
	}
	for index, hash := range single {
		paired = append(paired, hash+single[min(index+1, len(single)-1)])
	}
	return paired, nil
}
