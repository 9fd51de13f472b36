# The lab and the agents that act on it: the stand-in for Kong, PostgreSQL, HAProxy, clients; everything a datacenter of one host has.
#   docker build -f docker/lab.Dockerfile -t kong-upgrade-mesh/lab .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN for project in lab/Demo lab/Kong cli services/BackupAgent services/DeployAgent services/TrafficAgent services/MonitorAgent; do \
      dotnet publish "$project" -c Release -p:RestoreLockedMode=true || exit 1; \
    done

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql haproxy procps \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /lab /usr/local/kong && chown "$APP_UID" /lab /usr/local/kong
# The same places as in a checkout, so that the stand-in's programs find their assembly.
COPY lab/bin /mesh/lab/bin
COPY --from=build /source/artifacts/publish /mesh/artifacts/publish
RUN mkdir /mesh/artifacts/bin && ln -s ../publish/StandInKong /mesh/artifacts/bin/StandInKong
USER $APP_UID
VOLUME /lab
CMD ["dotnet", "/mesh/artifacts/publish/Demo/release/KongUpgradeMesh.Lab.Demo.dll", "lab", "run", "--dir", "/lab", "--datacenter", "lab1"]
