# The built program without its toolchain. The database is elsewhere: see docker-compose.yml.
#
#   docker build -t cascade .

FROM debian:12 AS build
WORKDIR /project
# The same set-up as everywhere; in a layer of its own, so that a change of the sources does not repeat it.
COPY Scripts/lib.sh Scripts/install_dependencies Scripts/
RUN Scripts/install_dependencies
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY Benchmarks Benchmarks
RUN bash -c 'source Scripts/lib.sh && use_swift \
    && swift build -c release --product cascade --static-swift-stdlib \
    && install -D --strip "$(swift build -c release --show-bin-path)/cascade" /out/cascade'

FROM debian:12-slim
COPY Scripts/lib.sh Scripts/install_dependencies /tmp/setup/Scripts/
RUN /tmp/setup/Scripts/install_dependencies --runtime \
    && rm -rf /tmp/setup /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/cascade --create-home cascade
COPY --from=build /out/cascade /usr/local/bin/cascade
# Where the program looks for the files that come with it.
COPY Migrations /usr/share/cascade/Migrations
COPY Config /usr/share/cascade/Config
WORKDIR /usr/share/cascade
USER cascade
ENV CASCADE_DATA_DIRECTORY=/var/lib/cascade
VOLUME /var/lib/cascade
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD curl --fail --silent --output /dev/null http://127.0.0.1:8080/health/live || exit 1
ENTRYPOINT ["cascade"]
CMD ["serve"]
