# One service of the mesh, copied from what was published outside: for machines whose builds have no network.
#   dotnet publish services/Coordinator -c Release && dotnet publish cli -c Release
#   docker build -f docker/published.Dockerfile --build-arg SERVICE=Coordinator artifacts/publish
# Packages that a step needs (pg_dump for the backup agent) must be in the base image, BASE.
ARG BASE=mcr.microsoft.com/dotnet/aspnet:10.0
FROM $BASE
ARG SERVICE
RUN mkdir -p /var/lib/kong-upgrade-mesh && chown "$APP_UID" /var/lib/kong-upgrade-mesh
COPY ${SERVICE}/release /app
COPY Cli/release /probe
ENV SERVICE=$SERVICE ASPNETCORE_HTTP_PORTS=8080
USER $APP_UID
EXPOSE 8080
ENTRYPOINT ["/bin/sh", "-c", "exec dotnet /app/KongUpgradeMesh.$SERVICE.dll \"$@\"", "kum"]
