# One service of the mesh, copied from what was published outside: for machines whose builds have no network.
#   dotnet publish services/Coordinator -c Release && dotnet publish cli -c Release
#   docker build -f docker/published.Dockerfile --build-arg SERVICE=Coordinator artifacts/publish
# RUNTIME   image with .NET below /usr/share/dotnet
# BASE      image with what the service's steps need: the one of PostgreSQL has pg_dump and pg_restore
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0
ARG BASE=$RUNTIME
FROM $RUNTIME AS runtime

FROM $BASE
ARG SERVICE
ENV APP_UID=1654
COPY --from=runtime /usr/share/dotnet /usr/share/dotnet
RUN ln -sf /usr/share/dotnet/dotnet /usr/bin/dotnet \
 && { id "$APP_UID" >/dev/null 2>&1 || useradd -u "$APP_UID" -m app; } \
 && mkdir -p /var/lib/kong-upgrade-mesh && chown "$APP_UID" /var/lib/kong-upgrade-mesh
# Breaking the glass; of use in the traffic agent's image only.
RUN if [ "$SERVICE" = TrafficAgent ]; then \
      printf '#!/bin/sh\nexec dotnet /app/KongUpgradeMesh.TrafficAgent.dll "$@"\n' >/usr/local/bin/kum-traffic && chmod +x /usr/local/bin/kum-traffic; \
    fi
# Judging by hand; of use in the monitor agent's image only.
RUN if [ "$SERVICE" = MonitorAgent ]; then \
      printf '#!/bin/sh\nexec dotnet /app/KongUpgradeMesh.MonitorAgent.dll judge "$@"\n' >/usr/local/bin/kum-judge && chmod +x /usr/local/bin/kum-judge; \
    fi
COPY ${SERVICE}/release /app
COPY Cli/release /probe
ENV SERVICE=$SERVICE ASPNETCORE_HTTP_PORTS=8080
USER $APP_UID
EXPOSE 8080
# PostgreSQL's image asks for SIGINT.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/bin/sh", "-c", "exec dotnet /app/KongUpgradeMesh.$SERVICE.dll \"$@\"", "kum"]
CMD []
