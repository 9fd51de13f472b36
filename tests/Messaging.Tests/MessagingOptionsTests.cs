namespace KongUpgradeMesh.Messaging.Tests;

public sealed class MessagingOptionsTests
{
    private readonly MessagingOptionsValidator _validator = new();

    [Fact]
    public void The_defaults_are_valid_with_a_connection_string() =>
        Assert.True(_validator.Validate(null, new MessagingOptions { ConnectionString = "Host=localhost" }).Succeeded);

    [Fact]
    public void Names_every_problem_with_its_key_at_once()
    {
        var result = _validator.Validate(null, new MessagingOptions
        {
            Schema = "Kum; DROP",
            BatchSize = 0,
            SendTimeout = TimeSpan.FromSeconds(30),
            MaximumBackOff = TimeSpan.Zero,
        });

        Assert.Equal(
            ["ConnectionString", "Schema", "BatchSize", "MaximumBackOff", "IdleTransactionTimeout"],
            result.Failures!.Select(failure => failure.Split(' ')[0].Split(':')[1]));
    }

    [Theory]
    [InlineData("Host=db;Password=hunter2;Nonsense=1")]
    [InlineData("hunter2")]
    [InlineData("Password=hunter2")]
    public void Refuses_a_wrong_connection_string_without_repeating_it(string connectionString)
    {
        var result = _validator.Validate(null, new MessagingOptions { ConnectionString = connectionString });

        Assert.DoesNotContain("hunter2", Assert.Single(result.Failures!));
    }
}
