namespace KongUpgradeMesh.Lab.StandInKong.Admin;

/// <summary>The entity under which another is listed or made.</summary>
/// <param name="Field">The child's field that points to it.</param>
/// <param name="Id">Its id.</param>
internal sealed record Parent(string Field, string Id);
