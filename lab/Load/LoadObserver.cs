namespace KongUpgradeMesh.Lab.Load;

/// <summary>Is told of every finished request, at once and on the thread that made it; must be quick.</summary>
/// <param name="client">Whose request it was.</param>
/// <param name="request">What was asked for.</param>
/// <param name="answer">What came back.</param>
/// <param name="began">When the request began.</param>
/// <param name="took">How long it took.</param>
public delegate void LoadObserver(LoadClient client, LoadRequest request, LoadAnswer answer, DateTimeOffset began, TimeSpan took);
