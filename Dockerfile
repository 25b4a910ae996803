# syntax=docker/dockerfile:1
# A static newswire in an image with nothing else but CA certificates: no shell, no root.
#
#   docker build --build-arg VERSION=$(git describe --tags --always) -t newswire .
#   docker run -p 8080:8080 -v ./newswire.yaml:/etc/newswire/newswire.yaml:ro -v newswire:/data newswire

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=unknown
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    mkdir -p /out/data /out/tmp && \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/newswire ./cmd/newswire

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/newswire /newswire
USER 65532:65532
# store: sqlite:newswire.db and snapshot: newswire.snapshot are relative to here.
WORKDIR /data
VOLUME /data
EXPOSE 8080
ENV NEWSWIRE_CONFIG=/etc/newswire/newswire.yaml
# Stops taking requests, finishes those under way and the visits that have begun.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/newswire", "health"]
ENTRYPOINT ["/newswire"]
CMD ["serve"]
