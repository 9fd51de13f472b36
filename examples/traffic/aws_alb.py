#!/usr/bin/env python3
"""Drives a rule of an AWS Application Load Balancer that forwards to two target groups, through the exec or webhook contract.

NOT TESTED AGAINST AWS: written from the documentation of the aws CLI. Try it with a rule that serves nobody first.
Environment: ALB_RULE_ARN, ALB_TARGET_GROUP_X, ALB_TARGET_GROUP_Y (ARNs), and what the aws CLI needs (AWS_REGION, AWS_PROFILE, ...).
Rights: elasticloadbalancing:DescribeRules, ModifyRule, DescribeTags, AddTags on the rule.

Weights and tags are two calls. A crash in between reads as a change by hand, and the upgrade pauses: set the rule by hand, then kum retry.
"""

import json
import os
import subprocess

import kum_traffic

TAGS = ("upgrade", "epoch", "step", "seal")
PREFIX = "kum-"


class AwsAlb:
    def __init__(self, environment):
        self._rule = environment["ALB_RULE_ARN"]
        self._x = environment["ALB_TARGET_GROUP_X"]
        self._y = environment["ALB_TARGET_GROUP_Y"]

    def read(self):
        weights = {group["TargetGroupArn"]: group.get("Weight", 1) for group in self._forward()["ForwardConfig"]["TargetGroups"]}
        report = {"weights": {"x": weights[self._x], "y": weights[self._y]}}
        answer = self._aws("describe-tags", "--resource-arns", self._rule)
        tags = {tag["Key"]: tag["Value"] for tag in answer["TagDescriptions"][0]["Tags"]}
        if all(PREFIX + tag in tags for tag in TAGS):
            report.update({tag: tags[PREFIX + tag] if tag == "upgrade" else int(tags[PREFIX + tag]) for tag in TAGS})
        return report

    def write(self, order):
        kum_traffic.admit(self.read(), order)
        actions = self._actions()
        groups = [{"TargetGroupArn": self._x, "Weight": order["weights"]["x"]}, {"TargetGroupArn": self._y, "Weight": order["weights"]["y"]}]
        for action in actions:
            if action["Type"] == "forward":
                action.pop("TargetGroupArn", None)
                action["ForwardConfig"]["TargetGroups"] = groups
        tags = [f"Key={PREFIX}{tag},Value={order[tag]}" for tag in TAGS]
        modify = ("modify-rule", "--rule-arn", self._rule, "--actions", json.dumps(actions))
        label = ("add-tags", "--resource-arns", self._rule, "--tags", *tags)
        # On the way back the traffic counts more than the note.
        for call in (modify, label) if order["restore"] else (label, modify):
            self._aws(*call)

    def _actions(self):
        return self._aws("describe-rules", "--rule-arns", self._rule)["Rules"][0]["Actions"]

    def _forward(self):
        return next(action for action in self._actions() if action["Type"] == "forward")

    @staticmethod
    def _aws(*arguments):
        try:
            done = subprocess.run(["aws", "elbv2", *arguments, "--output", "json"], capture_output=True, text=True, timeout=20, check=False)
        except subprocess.TimeoutExpired as reason:
            raise kum_traffic.TryAgain("the aws CLI did not end within 20 s") from reason
        if done.returncode == 0:
            return json.loads(done.stdout or "{}")
        if any(word in done.stderr for word in ("Throttling", "ServiceUnavailable", "InternalFailure", "Could not connect")):
            raise kum_traffic.TryAgain(done.stderr.strip())
        raise RuntimeError(done.stderr.strip())


if __name__ == "__main__":
    kum_traffic.main(AwsAlb(os.environ))
