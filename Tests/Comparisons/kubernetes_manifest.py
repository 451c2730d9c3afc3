#!/usr/bin/env python3
"""launch/kubernetes.yaml against the published schemas: Kubernetes' own, strict (no unknown key), and MPIJob's.

    Tests/Comparisons/kubernetes_manifest.py [1.25 1.30 ...]

Needs PyYAML, jsonschema and kubernetes-validate, which carries Kubernetes' schemas of many releases (default: its
newest). The MPIJob around the pods is that of kubeflow/mpi-operator, manifests/base/kubeflow.org_mpijobs.yaml.
"""
import copy
import os
import sys

import jsonschema
import kubernetes_validate
import yaml

MANIFEST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../launch/kubernetes.yaml")


def keys(required=(), **properties):
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
REPLICAS = keys(
    replicas=INTEGER,
    restartPolicy={"enum": ["Always", "OnFailure", "Never", "ExitCode"]},
    template={"type": "object", "required": ["spec"]},
)
MPIJOB = keys(
    required=["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "kubeflow.org/v2beta1"},
    kind={"const": "MPIJob"},
    metadata={"type": "object"},
    spec=keys(
        required=["mpiReplicaSpecs"],
        mpiImplementation={"enum": ["OpenMPI", "Intel", "MPICH"]},
        mpiReplicaSpecs=keys(required=["Launcher", "Worker"], Launcher=REPLICAS, Worker=REPLICAS),
        runPolicy=keys(
            activeDeadlineSeconds=INTEGER,
            backoffLimit=INTEGER,
            cleanPodPolicy={"enum": ["All", "Running", "None"]},
            schedulingPolicy={"type": "object"},
            suspend={"type": "boolean"},
            ttlSecondsAfterFinished=INTEGER,
        ),
        slotsPerWorker=INTEGER,
        sshAuthMountPath=TEXT,
    ),
)


def validate(document, release):
    """Raises ValidationError, of jsonschema or of kubernetes_validate, which is one, where the document is wrong."""
    if document["kind"] != "MPIJob":
        kubernetes_validate.validate(document, release, strict=True)
        return
    jsonschema.validate(document, MPIJOB)
    for role in document["spec"]["mpiReplicaSpecs"].values():
        template = role["template"]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": template.get("metadata", {}), "spec": template["spec"]}
        kubernetes_validate.validate(pod, release, strict=True)


def main():
    with open(MANIFEST) as file:
        documents = list(yaml.safe_load_all(file))
    for release in sys.argv[1:] or [kubernetes_validate.latest_version()]:
        for document in documents:
            validate(document, release)
            print(f"Kubernetes {release}: {document['kind']} {document['metadata']['name']} is valid")
        # A check that cannot fail would be none.
        damaged = copy.deepcopy(documents[-1])
        container = damaged["spec"]["mpiReplicaSpecs"]["Worker"]["template"]["spec"]["containers"][0]
        container["imagee"] = container.pop("image")
        try:
            validate(damaged, release)
        except jsonschema.ValidationError:
            continue
        sys.exit("a misspelt key of a container was taken for valid")


if __name__ == "__main__":
    main()
