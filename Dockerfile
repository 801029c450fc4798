# syntax=docker/dockerfile:1
#
# docker build -t tutti .
# docker run --network host -v tutti-data:/data -v "$PWD/tutti.yaml:/config/tutti.yaml:ro" \
#            -v /run/dbus/system_bus_socket:/run/dbus/system_bus_socket tutti
#
# Native AOT rather than the portable build on a runtime image: a third of the memory, a start in a fraction of the time, and no
# runtime in the image. .NET 10 has no Debian images; noble is the nearest, and the binary needs no newer C library than the one it
# is built on, which is why both stages are noble. Each platform is built on a builder of that platform (no cross-compiling here).

FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
# What Native AOT links with; scripts/publish-aot would fetch it too, but here it is a layer that stays.
RUN apt-get update \
 && apt-get install -y --no-install-recommends binutils clang libc6-dev zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY .editorconfig Directory.Build.props Directory.Packages.props global.json ./
COPY scripts/ scripts/
COPY config/ config/
COPY src/ src/
RUN mkdir /out \
 && cp "$(scripts/publish-aot)" /out/ \
 && cp artifacts/aot/*/publish/libe_sqlite3.so /out/ \
 && mkdir /data

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0.12-noble
LABEL org.opencontainers.image.title="Tutti" \
      org.opencontainers.image.description="Echos and Bluetooth speakers in Home Assistant, playing together" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0"
# libsbc1: the A2DP codec, opened when Bluetooth audio is first sent. libpulse0: the microphone, opened when a calibration begins.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpulse0 libsbc1 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/ /app/
COPY --from=build --chown=$APP_UID:$APP_UID /data /data
# bluetoothd lets any user of the system bus talk to it, so no right beyond the bus socket is needed.
USER $APP_UID
VOLUME /data
STOPSIGNAL SIGTERM
# The binary and its libraries start on this machine. It is no proof that the house works: the program says that itself, over MQTT,
# with its availability topic, and the container ends when the program does.
HEALTHCHECK --interval=60s --timeout=10s --start-period=10s CMD ["/app/tutti", "version"]
ENTRYPOINT ["/app/tutti"]
CMD ["run", "--config", "/config/tutti.yaml", "--data", "/data"]
