[assembly: AssemblyFixture(typeof(Imagic.Infra.Tests.Infrastructure))]
